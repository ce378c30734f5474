// Draws the newest payload with Plotly.react, one chart a frame, and skips what comes while busy.

const CONFIG = {
  displaylogo: false,
  modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
};

const ARRAYS = { f4: Float32Array, f8: Float64Array };

const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

// Plotly's base64 arrays, decoded in place: whoever reads `plot.data` then finds numbers.
function decode(value) {
  if (Array.isArray(value)) return value.map(decode);
  if (value === null || typeof value !== "object") return value;
  if ("bdata" in value) {
    const bytes = Uint8Array.fromBase64?.(value.bdata) ?? fromBase64(value.bdata);
    const flat = new ARRAYS[value.dtype](bytes.buffer);
    if (!value.shape) return flat;
    const [rows, columns] = value.shape.split(",").map(Number);
    return Array.from({ length: rows }, (_, i) => flat.subarray(i * columns, (i + 1) * columns));
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, decode(part)]));
}

// Text that is set again, though it is the same, would be laid out again.
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// At every so many payloads one chart behind a tab is brought up to date: what waits there is never
// long old, and costs next to nothing; opening it brings it up to date at once.
const HIDDEN = 16;

// How a dashed line looks in the legend: pixels on and off.
const DASHES = { dash: [5, 2], dot: [2, 2], dashdot: [4, 1], longdash: [7, 2] };

// Milliseconds between two looks at whether a chart is still being dragged.
const AFTER_DRAG = 200;

class Board {
  constructor(root) {
    this.root = root;
    this.places = [...root.querySelectorAll("[data-chart]")];
    this.titles = [...root.querySelectorAll("[data-title]")];
    this.hint = root.querySelector(".hint");
    this.table = root.querySelector(".numbers");
    this.stamps = new Map();
    this.sizes = new Map();
    this.next = null;
    this.busy = false;
    this.frame = 0;
    this.observer = new ResizeObserver((entries) => entries.forEach((e) => this.resize(e)));
    for (const place of this.places) this.observer.observe(place.querySelector(".plot"));
    for (const list of root.querySelectorAll("[role=tablist]")) this.listen(list);
  }

  listen(list) {
    const tabs = [...list.querySelectorAll("[role=tab]")];
    const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
    tabs.forEach((tab, at) => {
      tab.onclick = () => this.open(tab);
      tab.onkeydown = (event) => {
        const step = steps[event.key];
        if (!step) return;
        event.preventDefault();
        const to = Number.isFinite(step) ? (at + step + tabs.length) % tabs.length : step > 0 ? -1 : 0;
        tabs.at(to).focus();
        this.open(tabs.at(to));
      };
    });
  }

  open(tab) {
    this.select(tab);
    if (this.last) this.receive(this.last);
  }

  select(tab) {
    const list = tab.parentElement;
    for (const other of list.children) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      list.parentElement.querySelector(`#${other.getAttribute("aria-controls")}`).dataset.open = chosen;
    }
    // Not `scrollIntoView`, which would move the page as well.
    const [from, to] = [tab.offsetLeft, tab.offsetLeft + tab.offsetWidth - list.clientWidth];
    list.scrollLeft = Math.max(Math.min(list.scrollLeft, from), to);
  }

  // Another preset opens the charts that its lesson is read from.
  arrange(payload) {
    if (payload.preset === this.preset) return;
    this.preset = payload.preset;
    for (const list of this.root.querySelectorAll("[role=tablist]")) {
      const tabs = [...list.children];
      this.select(tabs.find((tab) => payload.open.includes(tab.dataset.tab)) ?? tabs[0]);
    }
  }

  receive(payload) {
    this.next = this.last = payload;
    this.name(payload);
    this.arrange(payload);
    if (!this.busy) this.draw();
  }

  async draw() {
    this.busy = true;
    try {
      while (this.next && this.root.isConnected) {
        const payload = this.next;
        this.next = null;
        this.frame += 1;
        await this.plotly();
        if (payload.runs !== this.runs) this.clear();
        this.runs = payload.runs;
        this.label(payload);
        const theme = this.theme();
        await new Promise(requestAnimationFrame);
        for (const place of this.places) {
          if (place.dataset.open !== "false") await this.update(place, payload, theme);
        }
        await this.updateHidden(payload, theme);
      }
    } finally {
      this.busy = false;
    }
  }

  async update(place, payload, theme) {
    const { version, figure } = payload.charts[place.dataset.chart];
    const plot = place.querySelector(".plot");
    if (plot._dragging) {
      this.again();
      return false;
    }
    const size = this.size(plot);
    const stamp = `${version} ${theme.key} ${size.width} ${size.height}`;
    if (this.stamps.get(place) === stamp) return false;
    const layout = { ...figure.layout, ...theme.over(figure.layout), ...size };
    this.legend(place, figure.data);
    // What Plotly remembers of a reader's zoom, it forgets with a figure of another size.
    const zoom = { ...plot._fullLayout?._preGUI };
    // Given again, the nested list of buttons looks changed to Plotly, which then begins anew.
    await Plotly.react(plot, decode(figure.data), layout, plot.data ? undefined : CONFIG);
    if (!Object.keys(plot._fullLayout._preGUI).length) Object.assign(plot._fullLayout._preGUI, zoom);
    this.stamps.set(place, stamp);
    return true;
  }

  // A redraw under the mouse would end a reader's drag: it comes as soon as the drag is over.
  again() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.last && this.receive(this.last), AFTER_DRAG);
  }

  // Places that are still empty are filled as soon as nothing else waits.
  async updateHidden(payload, theme) {
    const hidden = this.places.filter((place) => place.dataset.open === "false");
    for (const place of hidden) {
      if (this.next) break;
      if (!this.stamps.has(place)) await this.update(place, payload, theme);
    }
    if (this.frame % HIDDEN) return;
    const turn = this.frame / HIDDEN;
    for (let i = 0; i < hidden.length; i++) {
      if (await this.update(hidden[(turn + i) % hidden.length], payload, theme)) return;
    }
  }

  async plotly() {
    while (!window.Plotly) await new Promise((done) => setTimeout(done, 20));
  }

  // Plotly would lay its legend out anew at each redraw, for as long as the lines themselves take.
  legend(place, traces) {
    const named = traces.filter((trace) => trace.name && trace.showlegend !== false);
    const key = named.map((trace) => trace.name + trace.line?.dash + trace.line?.color).join();
    const list = place.querySelector(".legend");
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    list.replaceChildren(
      ...named.map((trace) => {
        const item = document.createElement("li");
        item.textContent = trace.name;
        const fill = trace.fillcolor && !trace.line?.color ? trace.fillcolor : null;
        const colour = fill ?? trace.line?.color ?? trace.marker?.color;
        const [on, off] = DASHES[trace.line?.dash] ?? [1, 0];
        const dashes = `${colour} 0 ${on}px, transparent ${on}px ${on + off}px`;
        const mark = off ? `repeating-linear-gradient(90deg, ${dashes})` : colour;
        item.style.setProperty("--mark", mark);
        return item;
      }),
    );
  }

  // Words that change with the reader's language alone.
  name({ titles, numbers }) {
    for (const title of this.titles) say(title, titles[title.dataset.title]);
    say(this.table.querySelector("summary b"), numbers.title);
    const row = this.table.querySelector("thead tr");
    while (row.cells.length < numbers.head.length) {
      row.append(Object.assign(document.createElement("th"), { scope: "col" }));
    }
    numbers.head.forEach((head, at) => say(row.cells[at], head));
  }

  label(payload) {
    this.root.classList.toggle("noticed", payload.noticed);
    say(this.hint, payload.hint);
    this.hint.hidden = !payload.hint;
    for (const place of this.places) {
      say(place.querySelector(".caption"), payload.captions[place.dataset.chart]);
    }
    this.tabulate(payload.numbers);
  }

  tabulate({ verdict, rows }) {
    const { table } = this;
    say(table.querySelector(".verdict"), verdict);
    const key = JSON.stringify(rows);
    if (table.dataset.key === key) return;
    table.dataset.key = key;
    table.classList.toggle("empty", !rows.length);
    table.querySelector("tbody").replaceChildren(
      ...rows.map(([label, value, floor, mark, inside]) => {
        const row = document.createElement("tr");
        row.className = inside ? "inside" : "outside";
        for (const cell of [label, value, floor, mark]) row.insertCell().textContent = cell;
        return row;
      }),
    );
  }

  // The page's own colours, read at each redraw, so that a change of theme is followed.
  theme() {
    const style = getComputedStyle(this.root);
    const text = style.getPropertyValue("--st-text-color") || style.color;
    const ground = style.getPropertyValue("--st-background-color") || "#fff";
    const family = style.fontFamily;
    const over = (layout) => ({
      showlegend: false,
      font: { ...layout.font, color: text, family },
      hoverlabel: { bgcolor: ground, font: { color: text, family } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: "#8a8f98", activecolor: text },
    });
    return { key: `${text} ${ground} ${family}`, over };
  }

  // As it was last observed: Plotly, or we, would have the page laid out for it at each redraw.
  size(plot) {
    if (!this.sizes.has(plot)) this.keepSize(plot, plot.clientWidth, plot.clientHeight);
    return this.sizes.get(plot);
  }

  keepSize(plot, width, height) {
    this.sizes.set(plot, { autosize: false, width: Math.round(width), height: Math.round(height) });
  }

  // The drawing loop takes it up: a redraw that is under way would end later, with the old size.
  resize({ target, contentRect }) {
    this.keepSize(target, contentRect.width, contentRect.height);
    if (this.last) this.receive(this.last);
  }

  clear() {
    this.frame = 0;
    this.stamps.clear();
    for (const plot of this.root.querySelectorAll(".plot")) if (plot.data) Plotly.purge(plot);
  }

  destroy() {
    this.observer.disconnect();
    clearTimeout(this.later);
    this.clear();
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".ganviz-board");
  const payload = JSON.parse(new TextDecoder().decode(data));
  numberPresses(payload.buttons, setStateValue);
  root.board ??= new Board(root);
  root.board.receive(payload);
  // Where a message overtakes the one before it, Streamlit lets go of the older call while the board
  // lives on: emptied then, it would flash and forget a reader's zoom.
  return () => root.isConnected || root.board.destroy();
}
