// Which interface this client was made for. Written from the API's description; never edited.

export const API_VERSION = "1";
export const LIVE_PROTOCOL = "dash.v1";
/** A digest of both descriptions, but their prose. */
export const CONTRACT = "8e96f570ecc8b3e059107a3e0c0ca71d";
