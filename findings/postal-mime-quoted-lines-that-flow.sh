#!/usr/bin/env bash
# postal-mime 4.0.0: where a quotation flows over several lines, its ">" end up between the words.
#
# In text/plain with format=flowed a line that ends in a space goes on in the next, and when both are
# quoted alike the marks of the second are not part of the paragraph (RFC 3676, section 4.5). That is
# how mail programs that wrap by this format send what they quote. The package joins such lines and
# keeps the marks: "> I will call > at nine." It also joins lines of different depth, so that an answer
# below a quoted line which ends in a space stands in the quotation, where the RFC ends the paragraph.
# Lines that are not quoted are right. mailparser 3.14.2, by the same authors, has all of them right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" \
    "postal-mime@4.0.0" "mailparser@3.14.2"
cat > "$folder/read.mjs" <<'JAVASCRIPT'
import { simpleParser } from "mailparser";
import PostalMime from "postal-mime";

const HEAD = "From: ann@example.com\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; format=flowed\r\n";
const read = async (...lines) => {
  const mail = [HEAD, ...lines, ""].join("\r\n");
  const [ours, theirs] = [await PostalMime.parse(mail), await simpleParser(mail)];
  return [ours, theirs].map(({ text }) => text.trimEnd().split(/ ?\n/));
};

const CASES = [
  [["I will call ", "at nine."], ["I will call at nine."], null],
  [["> I will call ", "> at nine.", "Good."], ["> I will call at nine.", "Good."],
    ["> I will call > at nine.", "Good."]],
  [[">> I will ", ">> call ", ">> at nine."], [">> I will call at nine."],
    [">> I will >> call >> at nine."]],
  [["> When? ", "At nine."], ["> When?", "At nine."], ["> When? At nine."]],
  [["> I will call", "> at nine."], ["> I will call", "> at nine."], null],
];
for (const [lines, right, wrong] of CASES) {
  const [ours, theirs] = await read(...lines);
  console.log(JSON.stringify({ lines, "postal-mime": ours, mailparser: theirs }));
  if (JSON.stringify(theirs) !== JSON.stringify(right)) throw new Error("mailparser has changed");
  if (JSON.stringify(ours) !== JSON.stringify(wrong ?? right)) {
    throw new Error("they are joined otherwise: the behaviour has changed");
  }
}
JAVASCRIPT
node "$folder/read.mjs"
