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

// A chart in a closed tab is redrawn at every fourth payload only.
const HIDDEN = 4;

class Board {
  constructor(root) {
    this.root = root;
    this.places = [...root.querySelectorAll("[data-chart]")];
    this.next = null;
    this.busy = false;
    this.frame = -1;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
    for (const tab of root.querySelectorAll("[data-tab]")) {
      tab.onclick = () => this.open(tab.dataset.tab);
    }
  }

  open(name) {
    for (const tab of this.root.querySelectorAll("[data-tab]")) {
      tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
    }
    this.root.dataset.open = name;
    this.frame = -1;
    if (this.last) this.receive(this.last);
  }

  receive(payload) {
    this.next = this.last = payload;
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
          const figure = payload.charts[place.dataset.chart];
          const plot = place.querySelector(".plot");
          if (getComputedStyle(place).visibility === "hidden" && this.frame % HIDDEN) continue;
          const layout = { ...figure.layout, ...theme(figure.layout) };
          this.legend(place, figure.data);
          // Given again, the nested list of buttons looks changed to Plotly, which then begins anew.
          await Plotly.react(plot, decode(figure.data), layout, plot.data ? undefined : CONFIG);
        }
      }
    } finally {
      this.busy = false;
    }
  }

  async plotly() {
    while (!window.Plotly) await new Promise((done) => setTimeout(done, 20));
  }

  // Plotly would lay its legend out anew at each redraw, for as long as the lines themselves take.
  legend(place, traces) {
    const named = traces.filter((trace) => trace.name && trace.showlegend !== false);
    const key = named.map((trace) => trace.name).join();
    const list = place.querySelector(".legend");
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    list.replaceChildren(
      ...named.map((trace) => {
        const item = document.createElement("li");
        item.textContent = trace.name;
        const colour = trace.fillcolor && !trace.line?.color ? trace.fillcolor : null;
        item.style.setProperty("--mark", colour ?? trace.line?.color ?? trace.marker?.color);
        return item;
      }),
    );
  }

  label(payload) {
    const hint = this.root.querySelector(".hint");
    hint.textContent = payload.hint;
    hint.hidden = !payload.hint;
    for (const place of this.places) {
      place.querySelector(".caption").textContent = payload.captions[place.dataset.chart];
    }
  }

  // The page's own colours, read at each redraw, so that a change of theme is followed.
  theme() {
    const style = getComputedStyle(this.root);
    const text = style.getPropertyValue("--st-text-color") || style.color;
    const ground = style.getPropertyValue("--st-background-color") || "#fff";
    const family = style.fontFamily;
    return (layout) => ({
      autosize: true,
      showlegend: false,
      font: { ...layout.font, color: text, family },
      hoverlabel: { bgcolor: ground, font: { color: text, family } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: "#8a8f98", activecolor: text },
    });
  }

  resize() {
    for (const place of this.places) {
      const plot = place.querySelector(".plot");
      if (plot.data && plot.offsetParent) Plotly.Plots.resize(plot);
    }
  }

  clear() {
    this.frame = 0;
    for (const plot of this.root.querySelectorAll(".plot")) if (plot.data) Plotly.purge(plot);
  }

  destroy() {
    this.observer.disconnect();
    this.clear();
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".ganviz-board");
  root.board ??= new Board(root);
  root.board.receive(JSON.parse(new TextDecoder().decode(data)));
  return () => root.board.destroy();
}
