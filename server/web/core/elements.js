// Our custom elements: a running clock, a list that stays at its end, and sound on one time line.
// Each keeps only what it needs to draw itself.
import { clock } from "./format.js";

const running = new Set();
setInterval(() => { for (const each of running) each.show(); }, 500);

/** <run-timer since="ISO" until="ISO">: how long it has been, or with `down` how long it still is. */
class RunTimer extends HTMLElement {
  static observedAttributes = ["since", "until", "down"];

  connectedCallback() {
    this.setAttribute("role", "timer");
    running.add(this);
    this.show();
  }

  disconnectedCallback() {
    running.delete(this);
  }

  attributeChangedCallback() {
    this.show();
  }

  show() {
    const until = this.hasAttribute("until") ? Date.parse(this.getAttribute("until")) : Date.now();
    const down = this.getAttribute("down");
    const text = clock(down ? Date.parse(down) - Date.now() : until - Date.parse(this.getAttribute("since")));
    if (this.textContent !== text) this.textContent = text;
  }
}

/** <stick-end>: scrolls with what is added while its end is in view, else offers to go there. */
class StickEnd extends HTMLElement {
  connectedCallback() {
    this.tabIndex = 0; // what scrolls can be scrolled by keyboard
    this.button ??= this.makeButton();
    this.append(this.button);
    this.atEnd = true;
    this.count = this.lines();
    this.watcher = new MutationObserver(() => this.changed());
    this.watcher.observe(this, { childList: true, subtree: true, characterData: true });
    this.sizes = new ResizeObserver(() => this.changed());
    this.sizes.observe(this);
    this.onscroll = () => {
      this.atEnd = this.scrollHeight - this.scrollTop - this.clientHeight < 24;
      if (this.atEnd) this.reached();
    };
    this.scrollTop = this.scrollHeight;
  }

  disconnectedCallback() {
    this.watcher.disconnect();
    this.sizes.disconnect();
  }

  makeButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "new";
    button.hidden = true;
    button.foreign = true;
    button.onclick = () => { this.scrollTop = this.scrollHeight; };
    return button;
  }

  lines() {
    return this.querySelectorAll("[data-line]").length;
  }

  reached() {
    this.count = this.lines();
    this.button.hidden = true;
  }

  changed() {
    if (this.atEnd) {
      this.scrollTop = this.scrollHeight;
      this.reached();
    } else {
      const more = this.lines() - this.count;
      const text = `${more} new`;
      this.button.hidden = more <= 0;
      if (this.button.textContent !== text) this.button.textContent = text;
    }
  }
}

const SIDES = ["caller", "agent"];
const LANE = 34;

/** <level-strip>: `.sound` = {levels, marks, from, until}; times in ms, levels 0 to 1. */
class LevelStrip extends HTMLElement {
  set sound(value) {
    this.value = value;
    this.draw();
  }

  connectedCallback() {
    this.canvas ??= document.createElement("canvas");
    this.append(this.canvas);
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this);
  }

  disconnectedCallback() {
    this.sizes.disconnect();
  }

  draw() {
    const width = this.clientWidth;
    if (!this.canvas || !this.value || !width) return;
    const scale = devicePixelRatio;
    const height = LANE * SIDES.length + 6;
    Object.assign(this.canvas, { width: width * scale, height: height * scale });
    const pen = this.canvas.getContext("2d");
    const style = getComputedStyle(this);
    const colour = (name) => style.getPropertyValue(`--${name}`);
    pen.scale(scale, scale);
    const { levels, marks, from, until } = this.value;
    const x = (at) => ((at - from) / Math.max(1, until - from)) * (width - 2) + 1;
    SIDES.forEach((side, lane) => {
      const middle = lane * (LANE + 6) + LANE / 2;
      pen.fillStyle = colour("edge");
      pen.fillRect(0, middle, width, 1);
      pen.fillStyle = colour(side);
      for (const { at, level } of levels.filter((one) => (one.side === "caller") === (side === "caller"))) {
        const half = Math.max(0.5, Math.min(1, level) * (LANE / 2));
        pen.fillRect(x(at), middle - half, 2, half * 2);
      }
    });
    for (const { at, kind } of marks) {
      pen.fillStyle = colour(kind === "barge-in" ? "bad" : kind.startsWith("call.amd") ? "accent" : "warn");
      pen.fillRect(x(at), 0, 2, height);
    }
  }
}

customElements.define("run-timer", RunTimer);
customElements.define("stick-end", StickEnd);
customElements.define("level-strip", LevelStrip);
