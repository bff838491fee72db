// Reads {before, events, after} and fails unless the old snapshot with the events is the new one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { apply, empty, fromSnapshot } from "../../server/web/core/store.js";

const { before, events, after } = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const folded = events.reduce(apply, fromSnapshot(before));
const fresh = fromSnapshot(after, empty);
const turns = (transcripts) => Object.fromEntries(Object.keys(fresh.transcripts)
  .map((id) => [id, (transcripts[id] ?? []).map(({ speaker, text, heard }) => ({ speaker, text, heard }))]));

for (const name of ["calls", "conversations", "emails", "usage", "plan"]) assert.deepEqual(folded[name], fresh[name], name);
for (const id of Object.keys(fresh.messages)) assert.deepEqual(folded.messages[id], fresh.messages[id], id);
assert.deepEqual(turns(folded.transcripts), turns(fresh.transcripts));
