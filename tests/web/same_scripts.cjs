// Fails unless scripts of one folder mean what those of another do: the same syntax trees, literals and all,
// by the parser that Node brings (--expose-internals).
const assert = require("node:assert/strict");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { parse } = require("internal/deps/acorn/acorn/dist/acorn");

const tree = (path) => JSON.stringify(parse(readFileSync(path, "utf-8"), { ecmaVersion: "latest", sourceType: "module" }),
  (name, value) => (["start", "end"].includes(name) ? undefined : value), 1).split("\n");

const [before, after, ...names] = process.argv.slice(2);
for (const name of names) {
  const [meant, sent] = [before, after].map((folder) => tree(join(folder, name)));
  const at = meant.findIndex((line, index) => line !== sent[index]);
  assert.equal(at, -1, `${name}: ${meant.slice(at - 3, at + 1)} is sent as ${sent.slice(at - 3, at + 1)}`);
  assert.equal(meant.length, sent.length, name);
}
