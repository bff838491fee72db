// What people write on a call: tags and notes, read once and from then on as events tell.
import { h, icon } from "../../core/dom.js";
import { href } from "../../core/router.js";
import { apply } from "../../core/store.js";
import { area, emptied, form, line, submit } from "../forms.js";
import { ask, loaded, panel, time } from "../parts.js";

export const TAGS = "/v1/calls/tags";

/** What was read with what was told since: {tags, notes}; pure. */
export function annotated(read, tags, notes = {}) {
  const known = Object.fromEntries(read.notes.map((note) => [note.id, note]));
  return { tags: tags ?? read.tags, notes: Object.values({ ...known, ...notes }).filter(Boolean).sort((a, b) => a.created_at.localeCompare(b.created_at)) };
}

export function annotations(app, row, mayAct) {
  const path = `/v1/calls/${row.id}`;
  const key = `annotations:${row.id}`;
  // The answer is told as its event would be, which does not come of a call that one does not follow.
  const write = async (method, rest, body, type, tell) => {
    const done = await app.ask(method, `${path}/${rest}`, body, key);
    if (done) app.state = apply(app.state, { type, eph: true, subject: `call:${row.id}`, data: tell(done) });
    app.draw();
    return done;
  };
  const tag = (method, words) => write(method, `tags/${encodeURIComponent(words)}`, undefined, "call.tagged", ({ tags }) => ({ tags }));
  const note = (method, rest, body) => write(method, `notes${rest}`, body, "call.noted", (made) => ({ note: made }));
  const remove = (one) => write("DELETE", `notes/${one.id}`, undefined, "call.note_deleted", ({ id }) => ({ note_id: id }));
  return panel("Tags and notes", {}, loaded(app, `${path}/annotations`, (read) => {
    const { tags, notes } = annotated(read, app.state.tags[row.id], app.state.notes[row.id]);
    return [
      tags.length ? h("ul.tags", { "aria-label": "Tags" }, tags.map((words) => h("li.tag", { key: words }, h("a", { href: href(["history"], { tag: words }) }, words),
        mayAct && h("button.quiet", { "aria-label": `Take off ${words}`, title: "Take off", onclick: () => tag("DELETE", words) }, icon("close"))))) : null,
      mayAct ? form({ class: "say", key: "tag" }, async (typed, element) => { if (await tag("PUT", typed.tag)) emptied(element, typed); },
        line("Tag", "tag", { maxlength: "40", required: true, pattern: ".*[^ .].*", list: "tags" }), submit(app, key, "Add", ""),
        h("datalist", { id: "tags" }, (app.get(TAGS).data?.tags ?? []).map((one) => h("option", { value: one.tag, key: one.tag })))) : null,
      h("ol.notes", { "aria-label": "Notes" }, notes.map((one) => h("li", { key: one.id }, app.ui.note === one.id ? changing(app, one, key, note) : shown(app, one, mayAct, remove)))),
      tags.length || notes.length || mayAct ? null : h("p.meta", "Nothing is written on this call."),
      mayAct && notes.every((one) => one.id !== app.ui.note) && form({ key: "note" }, async (typed, element) => { if (await note("POST", "", typed)) emptied(element, typed); },
        area("Note", "text", { maxlength: "2000", required: true }), submit(app, key, "Write it down", "")),
    ];
  }, key));
}

const shown = (app, one, mayAct, remove) => [
  h("p.who", h("b", one.author_id === app.me?.id ? "You" : "Somebody else"), " ", time(one.updated_at), one.updated_at === one.created_at ? "" : " changed"),
  h("p.words", one.text),
  mayAct && h("div.actions", h("button.small", { onclick: () => app.set("note", one.id) }, "Change"),
    h("button.small.danger", { onclick: () => ask(app, "Delete this note?", "Delete", () => remove(one)) }, "Delete")),
];

const changing = (app, one, key, note) => form({}, async (typed) => { if (await note("PUT", `/${one.id}`, typed)) app.set("note", null); },
  area("Note", "text", { maxlength: "2000", required: true, value: one.text }),
  h("div.actions", submit(app, key, "Save"), h("button", { onclick: () => app.set("note", null) }, "Cancel")));
