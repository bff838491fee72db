// What the page knows: a pure function of a snapshot and the events after it.
// No sockets, no document, no clock; tested under Node with what the server really sends.

// Raw events kept.
const RECENT = 500;
// Level readings kept of a call.
const LEVELS = 1500;

export const empty = {
  calls: {}, transcripts: {}, conversations: {}, messages: {}, emails: {}, usage: null, plan: null,
  revs: {}, interims: {}, hints: {}, laps: {}, answering: {}, stamps: {}, marks: {}, levels: {}, holds: {},
  scheduled: {}, tags: {}, notes: {}, planChanges: 0, recent: [], fleet: null,
  // Calls of other people that are looked at: never among one's own.
  others: {},
};

const TERMINAL = new Set(["ended", "busy", "no_answer", "failed", "canceled", "lost"]);

export const isOver = (call) => TERMINAL.has(call.status);

export const isWaiting = (call) => call.status === "answered" || call.status === "waiting";

const byId = (rows) => Object.fromEntries((rows ?? []).map((row) => [row.id, row]));

/** The state a snapshot tells. What only events tell (marks, levels) and calls that are over stay. */
export function fromSnapshot(data, before = empty) {
  return {
    ...before,
    calls: byId(data.calls),
    transcripts: { ...before.transcripts, ...withLaps(data.transcripts, before.transcripts) },
    conversations: byId(data.conversations),
    messages: { ...before.messages, ...data.messages },
    emails: byId(data.emails),
    usage: data.usage ?? null,
    plan: data.plan ?? null,
    revs: {},
    interims: {},
    // As the holds: read anew.
    scheduled: {},
    // The journals tell, which are read anew.
    holds: {},
    tags: {}, notes: {},
  };
}

/** The state with one call's own topic: its row, which may be another person's, and its words. */
export function fromCall({ call, transcript }, before) {
  if (!call) return before;
  const place = before.calls[call.id] ? "calls" : "others";
  return {
    ...before, [place]: { ...before[place], [call.id]: call },
    transcripts: { ...before.transcripts, ...withLaps({ [call.id]: transcript }, before.transcripts) },
  };
}

// The latencies we saw stay with the turns they belong to.
function withLaps(transcripts, before) {
  return Object.fromEntries(Object.entries(transcripts ?? {}).map(([id, turns]) => [
    id,
    turns.map((turn, at) => {
      const known = before[id]?.[at];
      return known?.lap && known.text === turn.text ? { ...turn, lap: known.lap } : turn;
    }),
  ]));
}

/** The state after one more event. */
export function apply(state, event) {
  const next = change(state, event);
  if (event.eph) return next;
  return { ...next, recent: [...next.recent.slice(1 - RECENT), event] };
}

function change(state, event) {
  const { type, data } = event;
  if (data.node) return { ...state, fleet: withNode(state.fleet, data.node) };
  const id = event.subject.slice(event.subject.indexOf(":") + 1);
  if (type === "usage.updated") return { ...state, usage: { ...state.usage, ...data } };
  if (type.startsWith("plan.")) return planned(state, data);
  if (data.scheduled_call) return { ...state, scheduled: { ...state.scheduled, [id]: data.scheduled_call } };
  if (data.call || data.email || data.conversation) return row(state, event, id);
  if (!event.subject.startsWith("call:")) return state;
  return told(state, event, id);
}

function planned(state, data) {
  return { ...state, planChanges: state.planChanges + 1, plan: data.plan ?? state.plan };
}

// A row as it is now; an older revision that comes late changes nothing. Several events of one
// moment share a revision, so the same one is no older.
function row(state, event, id) {
  const known = state.revs[event.subject];
  if (known !== undefined && event.rev !== undefined && event.rev < known) return state;
  const revs = { ...state.revs, [event.subject]: event.rev ?? known };
  const { call, email, conversation, message } = event.data;
  if (email) return { ...state, revs, emails: { ...state.emails, [email.id]: email } };
  if (conversation) return withText({ ...state, revs }, conversation, message);
  const stamps = { [call.status]: event.ts, ...state.stamps[id] };
  const place = state.others[call.id] ? "others" : "calls";
  let next = {
    ...state, revs,
    [place]: { ...state[place], [call.id]: call },
    stamps: { ...state.stamps, [id]: stamps },
  };
  if (event.type === "call.recording") {
    next = mark(next, id, { ts: event.ts, type: `recording.${call.recording}`, data: {} });
  }
  return isOver(call) ? { ...next, interims: without(next.interims, id) } : next;
}

function withText(state, conversation, message) {
  const conversations = { ...state.conversations, [conversation.id]: conversation };
  if (!message) return { ...state, conversations };
  const thread = state.messages[conversation.id] ?? [];
  const known = thread.some((one) => one.id === message.id);
  const now = known
    ? thread.map((one) => (one.id === message.id ? message : one))
    : [...thread, message];
  return { ...state, conversations, messages: { ...state.messages, [conversation.id]: now } };
}

const withNode = (fleet, node) => ({
  nodes: [...(fleet?.nodes ?? []).filter((one) => one.node !== node.node), node].sort((a, b) => a.node.localeCompare(b.node)),
});

const HOLDS = {
  "ai.muted": { muted: true }, "ai.unmuted": { muted: false },
  "takeover.started": { taken: true }, "takeover.ended": { taken: false },
};

const MARKS = new Set([
  ...Object.keys(HOLDS), "call.amd.result", "call.dtmf", "dtmf.sent", "operator.said", "engine.failed", "transfer.started", "transfer.failed", "listen.started", "listen.ended",
]);

// What happens inside a call.
function told(state, event, id) {
  const { type, data } = event;
  let next = state;
  if (MARKS.has(type)) next = mark(next, id, event);
  if (HOLDS[type]) next = part(next, "holds", id, { ...next.holds[id], ...HOLDS[type], ...(type === "takeover.started" && { by: data.by ?? "" }) });
  switch (type) {
    case "transcript.final": return final(next, event, id);
    case "transcript.interim":
      // Its final came first.
      if (isSaid(next.transcripts[id], data.segment)) return next;
      return part(next, "interims", id, { ...next.interims[id], [data.speaker]: data });
    case "call.answering": return part(next, "answering", id, data);
    case "call.amd.result": return { ...next, answering: without(next.answering, id) };
    case "call.tagged": return part(next, "tags", id, data.tags);
    case "call.noted": return part(next, "notes", id, { ...next.notes[id], [data.note.id]: data.note });
    case "call.note_deleted": return part(next, "notes", id, { ...next.notes[id], [data.note_id]: null });
    case "turn.metrics": return part(next, "laps", id, data);
    case "audio.level": {
      const readings = next.levels[id] ?? [];
      const reading = { at: Date.parse(event.ts), side: data.side, level: data.level };
      return part(next, "levels", id, [...readings.slice(1 - LEVELS), reading]);
    }
    case "ai.state":
    case "timer.hint": return part(next, "hints", id, { ...next.hints[id], ...data });
    default: return next;
  }
}

function final(state, event, id) {
  const { speaker, text, heard, cut, segment } = event.data;
  const turn = { speaker, text, heard, segment, at: event.ts };
  if (speaker === "agent" && state.laps[id]) turn.lap = state.laps[id];
  let next = part(state, "transcripts", id, [...(state.transcripts[id] ?? []), turn]);
  if (turn.lap) next = { ...next, laps: without(next.laps, id) };
  next = part(next, "interims", id, without(next.interims[id] ?? {}, speaker));
  return cut ? mark(next, id, { ...event, type: "barge-in" }) : next;
}

const isSaid = (turns, segment) => segment !== undefined && (turns ?? []).slice(-6).some((turn) => turn.segment === segment);

const mark = (state, id, event) =>
  part(state, "marks", id, [...(state.marks[id] ?? []),
    { at: Date.parse(event.ts), kind: event.type, data: event.data }]);

const part = (state, name, id, value) => ({ ...state, [name]: { ...state[name], [id]: value } });

function without(record, key) {
  const { [key]: _gone, ...rest } = record;
  return rest;
}

export function newestFirst(rows) {
  const at = (row) => row.created_at ?? "";
  return Object.values(rows).sort((a, b) => (at(a) < at(b)) - (at(a) > at(b)));
}
