// What the page knows: a pure function of snapshot and events. No sockets, no document.

export const empty = {
  calls: {}, transcripts: {}, hints: {}, conversations: {}, messages: {}, emails: {}, usage: null, plan: null,
};

const TERMINAL = new Set(["ended", "busy", "no_answer", "failed", "canceled", "lost"]);

export const isOver = (call) => TERMINAL.has(call.status);

const byId = (rows) => Object.fromEntries(rows.map((row) => [row.id, row]));

export function fromSnapshot(data) {
  return {
    ...empty,
    calls: byId(data.calls),
    transcripts: { ...data.transcripts },
    conversations: byId(data.conversations),
    messages: { ...data.messages },
    emails: byId(data.emails ?? []),
    usage: data.usage,
    plan: data.plan,
  };
}

export function apply(state, event) {
  const id = event.subject.startsWith("call:") ? event.subject.slice(5) : null;
  if (event.type === "usage.updated") return { ...state, usage: event.data };
  if (event.data.call) return { ...state, calls: { ...state.calls, [id]: event.data.call } };
  if (event.data.conversation) return withText(state, event.data);
  if (event.data.email) {
    return { ...state, emails: { ...state.emails, [event.data.email.id]: event.data.email } };
  }
  if (event.type === "transcript.final") {
    const turns = [...(state.transcripts[id] ?? []), { ...event.data, at: event.ts }];
    return { ...state, transcripts: { ...state.transcripts, [id]: turns } };
  }
  if (event.type === "ai.state" || event.type === "timer.hint") {
    return { ...state, hints: { ...state.hints, [id]: { ...state.hints[id], ...event.data } } };
  }
  return state;
}

function withText(state, { conversation, message }) {
  const conversations = { ...state.conversations, [conversation.id]: conversation };
  if (!message) return { ...state, conversations };
  const thread = state.messages[conversation.id] ?? [];
  const known = thread.some((one) => one.id === message.id);
  const now = known ? thread.map((one) => (one.id === message.id ? message : one)) : [...thread, message];
  return { ...state, conversations, messages: { ...state.messages, [conversation.id]: now } };
}

export function newestFirst(rows) {
  return Object.values(rows).sort((a, b) => b.created_at.localeCompare(a.created_at));
}
