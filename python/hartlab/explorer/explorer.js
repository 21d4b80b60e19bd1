// The explorer in the browser: it shows the page that Python writes, and says what was clicked. Python has the state.

const KEYS = { ArrowLeft: { step: -1 }, ArrowRight: { step: 1 }, PageUp: { step: -10 }, PageDown: { step: 10 } };

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/// Sends one wish at a time; of those that come meanwhile, only the last is kept, so that dragging never queues up.
function asker(model) {
  let number = 0, waiting = false, next = null;
  const send = (wish) => {
    waiting = true;
    model.send({ ...wish, number: ++number });
  };
  model.on("change:answered", () => {
    waiting = false;
    if (next) send(next);
    next = null;
  });
  return (wish) => (waiting ? (next = wish) : send(wish));
}

function controls(model, ask) {
  const button = (text, label, wish) =>
    element("button", { type: "button", textContent: text, title: label, ariaLabel: label, onclick: () => ask(wish()) });
  const slider = element("input", { type: "range", min: 0, ariaLabel: "event" });
  const number = element("input", { type: "number", min: 0, className: "number", ariaLabel: "number of the event" });
  const variable = element("input", {
    className: "variable", placeholder: "watch a variable", ariaLabel: "variable to watch",
    title: "a global variable, an address such as 0x5000/4, or kernel:ticks",
  });
  const kinds = element("div", { className: "kinds" });
  slider.addEventListener("input", () => ask({ go: Number(slider.value) }));
  number.addEventListener("change", () => ask({ go: Number(number.value) }));
  variable.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !variable.value.trim()) return;
    ask({ watch: variable.value });
    variable.value = "";
  });
  const update = () => {
    slider.max = number.max = model.get("last");
    slider.value = number.value = model.get("position");
    slider.ariaValueText = `event ${model.get("position")} of ${model.get("last")}`;
    kinds.replaceChildren(...model.get("kinds").map(({ kind, count, hidden }) => {
      const box = element("input", { type: "checkbox", checked: !hidden });
      box.addEventListener("change", () => ask(box.checked ? { show: kind } : { hide: kind }));
      return element("label", {}, box, ` ${kind} (${count})`);
    }));
  };
  const bar = element("div", { className: "controls", role: "toolbar", ariaLabel: "events" },
    button("|◀", "first event (Home)", () => ({ go: 0 })),
    button("◀", "event before (left arrow)", () => ({ step: -1 })),
    slider,
    button("▶", "next event (right arrow)", () => ({ step: 1 })),
    button("▶|", "the present (End)", () => ({ go: model.get("last") })),
    number, variable);
  const which = element("details", {}, element("summary", { textContent: "kinds of events" }), kinds);
  return { parts: [bar, which], update };
}

/// Shows another page and leaves the focus and what was scrolled where they were.
function replace(place, html) {
  const name = (node) => JSON.stringify(node?.dataset ?? {});
  const root = place.getRootNode();
  const focused = place.contains(root.activeElement) ? name(root.activeElement) : null;
  const kept = [...place.querySelectorAll("[data-keep]")].map((node) => [node.dataset.keep, node.scrollTop]);
  place.innerHTML = html;
  for (const [key, top] of kept) {
    const node = place.querySelector(`[data-keep="${key}"]`);
    if (node) node.scrollTop = top;
  }
  if (focused) {
    const same = [...place.querySelectorAll("button")].find((node) => name(node) === focused);
    (same ?? place.closest(".hartlab-explorer")).focus({ preventScroll: true });
  }
}

function wishOf({ go, pid, va, pc, unwatch, change, way }) {
  if (go !== undefined) return { go: Number(go) };
  if (unwatch !== undefined) return { unwatch };
  if (change !== undefined) return { change, way: Number(way) };
  const select = Object.fromEntries(Object.entries({ pid, va, pc }).filter(([, value]) => value !== undefined));
  return { select };
}

function render({ model, el }) {
  const ask = asker(model);
  const { parts, update } = controls(model, ask);
  const problem = element("p", { className: "problem", role: "alert" });
  const place = element("div", { className: "page" });
  const whole = element("div", {
    className: "hartlab-explorer", tabIndex: 0, role: "region", ariaLabel: "explorer of a kernel",
  }, ...parts, problem, place);

  const show = () => {
    update();
    problem.textContent = model.get("problem");
    replace(place, model.get("page"));
  };
  place.addEventListener("click", (event) => {
    const button = event.target.closest("button.pick");
    if (button) ask(wishOf(button.dataset));
  });
  whole.addEventListener("keydown", (event) => {
    if (event.target.matches("input")) return;
    const ends = { Home: { go: 0 }, End: { go: model.get("last") } };
    const wish = KEYS[event.key] ?? ends[event.key];
    if (!wish || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    ask(wish);
  });
  // The still picture below is for where this does not run.
  const hide = element("style", { textContent: `#${CSS.escape(model.get("picture"))} { display: none; }` });
  document.head.append(hide);
  el.append(whole);
  model.on("change:answered", show);
  show();
  return () => hide.remove();
}

export default { render };
