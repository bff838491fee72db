// Our custom elements: a running clock, and a list that stays at its end.
// Each keeps only what it needs to draw itself.
import { clock } from "./format.js";
import { now } from "./now.js";

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
    const until = this.hasAttribute("until") ? Date.parse(this.getAttribute("until")) : now();
    const down = this.getAttribute("down");
    const text = clock(down ? Date.parse(down) - now() : until - Date.parse(this.getAttribute("since")));
    if (this.textContent !== text) this.textContent = text;
  }
}

/** <stick-end>: scrolls with what is added while its end is in view, else offers to go there. */
class StickEnd extends HTMLElement {
  connectedCallback() {
    // What scrolls can be scrolled by keyboard.
    this.tabIndex = 0;
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

customElements.define("run-timer", RunTimer);
customElements.define("stick-end", StickEnd);
