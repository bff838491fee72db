// What the page knows: a pure function of snapshot and events. No sockets, no document.

export const empty = { calls: {}, transcripts: {}, hints: {}, usage: null, plan: null };

const TERMINAL = new Set(["ended", "busy", "no_answer", "failed", "canceled", "lost"]);

export const isOver = (call) => TERMINAL.has(call.status);

export function fromSnapshot(data) {
  return {
    ...empty,
    calls: Object.fromEntries(data.calls.map((call) => [call.id, call])),
    transcripts: { ...data.transcripts },
    usage: data.usage,
    plan: data.plan,
  };
}

export function apply(state, event) {
  const id = event.subject.startsWith("call:") ? event.subject.slice(5) : null;
  if (event.type === "usage.updated") return { ...state, usage: event.data };
  if (event.data.call) return { ...state, calls: { ...state.calls, [id]: event.data.call } };
  if (event.type === "transcript.final") {
    const turns = [...(state.transcripts[id] ?? []), { ...event.data, at: event.ts }];
    return { ...state, transcripts: { ...state.transcripts, [id]: turns } };
  }
  if (event.type === "ai.state" || event.type === "timer.hint") {
    return { ...state, hints: { ...state.hints, [id]: { ...state.hints[id], ...event.data } } };
  }
  return state;
}

export function newestFirst(state) {
  return Object.values(state.calls).sort((a, b) => b.created_at.localeCompare(a.created_at));
}
