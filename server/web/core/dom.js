// Describes elements as plain values and makes the document match them, keeping what is there:
// focus, scroll and what is being typed. Text is only ever set as text. Knows nothing of the product.

const SVG = new Set(["svg", "use", "path", "rect", "line", "circle", "g", "text", "title", "polyline"]);
const described = new WeakMap();

const names = new Map(); // "p.meta" -> ["p", "meta"]

/** An element: its name with its classes ("p.meta"), then, where there are any, its properties:
    attributes, `on...` handlers, `.name` for properties, `key` to be found again by; then what is in it. */
export function h(name, ...kids) {
  let known = names.get(name);
  if (!known) {
    const [tag, ...classes] = name.split(".");
    names.set(name, known = [tag, classes.length ? classes.join(" ") : null]);
  }
  const [tag, classes] = known;
  const [first] = kids;
  const given = first && typeof first === "object" && !Array.isArray(first) && !first.kids ? kids.shift() : null;
  const props = classes ? { class: classes, ...given } : given ?? {};
  // What does something by itself sends no form.
  if (tag === "button" && props.onclick) props.type ??= "button";
  return { tag, props, kids: tidy(kids) };
}

function tidy(kids) {
  return kids
    .flat(Infinity)
    .filter((kid) => kid !== null && kid !== undefined && kid !== false && kid !== "")
    .map((kid) => (typeof kid === "object" ? kid : String(kid)));
}

const kept = new WeakMap();

/** The description of a value, made anew only when something of what it is made of is another. */
export function memo(value, parts, draw) {
  const known = kept.get(value);
  if (known?.parts.every((part, at) => part === parts[at])) return known.drawn;
  const drawn = draw();
  kept.set(value, { parts, drawn });
  return drawn;
}

/** The description of a value that never changes, made once. */
export const once = (value, draw) => memo(value, [], () => draw(value));

/** Make the children of `root` match. */
export function render(root, ...kids) {
  fill(root, tidy(kids));
}

function fill(parent, kids) {
  const keyed = new Map();
  const loose = [];
  for (const node of parent.childNodes) {
    // An element's own, such as the button of a log.
    if (node.foreign) continue;
    const key = described.get(node)?.props?.key;
    if (key === undefined) loose.push(node);
    else keyed.set(key, node);
  }
  let next = 0;
  const wanted = kids.map((kid) => {
    const key = kid.props?.key;
    if (key !== undefined) {
      const node = keyed.get(key);
      return fits(node, kid) ? update(node, kid) : create(kid);
    }
    for (let at = next; at < loose.length; at++) {
      if (!fits(loose[at], kid)) continue;
      next = at + 1;
      return update(loose[at], kid);
    }
    return create(kid);
  });
  const keep = new Set(wanted);
  for (const node of [...parent.childNodes]) {
    if (!node.foreign && !keep.has(node)) node.remove();
  }
  let place = parent.firstChild;
  for (const node of wanted) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
}

function fits(node, kid) {
  if (!node) return false;
  if (typeof kid === "string") return node.nodeType === Node.TEXT_NODE;
  return node.nodeType === Node.ELEMENT_NODE && node.localName === kid.tag;
}

function create(kid) {
  if (typeof kid === "string") return document.createTextNode(kid);
  const node = SVG.has(kid.tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", kid.tag)
    : document.createElement(kid.tag);
  return update(node, kid);
}

function update(node, kid) {
  if (typeof kid === "string") {
    if (node.data !== kid) node.data = kid;
    return node;
  }
  if (described.get(node) === kid) return node;
  const before = described.get(node)?.props ?? {};
  described.set(node, kid);
  if (!kid.props.own) fill(node, kid.kids);
  for (const name of Object.keys(before)) if (!(name in kid.props)) set(node, name, null);
  for (const [name, value] of Object.entries(kid.props)) {
    if (value !== before[name]) set(node, name, value);
  }
  return node;
}

function set(node, name, value) {
  if (name === "key" || name === "own") return;
  if (name.startsWith("on")) node[name] = value;
  else if (name.startsWith(".")) node[name.slice(1)] = value;
  else if (name === "value" || name === "checked") node[name] = value ?? "";
  else if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : value);
}

/** An icon of our own sheet; decoration only, so give its button a name. */
export function icon(name) {
  return h("svg", { class: "icon", "aria-hidden": "true", key: `icon-${name}` },
    h("use", { href: `/web/icons.svg#${name}` }));
}

/** An icon and its words. */
export const sign = (name, text) => [icon(name), h("span", text)];
