// Where in the console one is, as the address's hash: "#/calls/ID?tab=facts". Pure but for `go`.

// What is no encoding is passed over, where `decodeURIComponent` would throw.
/** {path: ["calls", "ID"], query: {tab: "facts"}} */
export function parse(hash) {
  const [path, query = ""] = hash.replace(/^#?\/?/, "").split("?");
  return {
    path: path.split("/").filter(Boolean).map((part) => new URLSearchParams(`=${part}`).get("")),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

export function href(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== undefined);
  const search = new URLSearchParams(given).toString();
  return `#/${path.map(encodeURIComponent).join("/")}${search ? `?${search}` : ""}`;
}

/** `replace` leaves no step to go back to: for what is being typed into a filter. */
export function go(address, replace = false) {
  if (!replace) location.hash = address;
  else {
    history.replaceState(null, "", address);
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
}
