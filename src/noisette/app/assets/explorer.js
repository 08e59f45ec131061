/* The view of a page from its controls, its address, and marks that are dragged. No number is computed here. */
(function () {
  const none = () => window.dash_clientside.no_update;
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const own = {}; // values that this script gave to controls and sliders; their events are no changes by the user
  const REST = 150; // ms without a change after which all parts of a page follow; the first part follows at once
  let timer = null;
  let settling = null;

  const text = (value) => (value === null || value === undefined ? "" : String(value));
  const key = (id) => `${id.kind}.${id.page}.${id.name}`;

  function give(id, value) {
    own[key(id)] = value;
    set(id, { value });
  }

  function isOwn(id, value) {
    const same = own[key(id)] === value;
    if (same) delete own[key(id)];
    return same;
  }

  /* A logarithmic slider has the decimal logarithm of the number in its field. */
  function isLogarithmic(id) {
    const slider = document.getElementById(JSON.stringify(id, Object.keys(id).sort()));
    return slider !== null && slider.closest(".logarithmic") !== null;
  }

  const onSlider = (id, value) => (isLogarithmic(id) ? Math.log10(value) : value);

  /* The number that a slider shows; that of the field, which has more digits, unless the slider was moved. */
  function shown(bar, field) {
    if (!isLogarithmic(bar.id)) return bar.value;
    const value = 10 ** bar.value;
    return Math.abs(value / field.value - 1) < 1e-9 ? field.value : Number(value.toPrecision(2));
  }

  /* Write the address once the controls rest, so that a drag is one step of the history. */
  function remember(page, values, first) {
    const address = `/${page}?${new URLSearchParams(values)}`;
    const write = () => {
      if (address === window.location.pathname + window.location.search) return;
      window.history[first ? "replaceState" : "pushState"](null, "", address);
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    };
    clearTimeout(timer);
    if (first) write();
    else timer = setTimeout(write, 500);
  }

  function changed(controls, sliders, previous) {
    const context = window.dash_clientside.callback_context;
    const [fields, bars] = context.inputs_list;
    if (!fields.length) return none();
    const page = fields[0].id.page;
    const values = {};
    for (const { id, value } of fields) values[id.name] = text(value);
    const triggered = context.triggered.map(({ prop_id }) => JSON.parse(prop_id.replace(/\.value$/, "")));
    for (const id of triggered) {
      const bar = bars.find((one) => one.id.name === id.name);
      const field = fields.find((one) => one.id.name === id.name);
      if (!bar) continue;
      if (id.kind === "slider" && !isOwn(bar.id, bar.value)) {
        const value = shown(bar, field);
        values[id.name] = text(value);
        if (field.value !== value) give(field.id, value);
      } else if (id.kind === "control") {
        if (isOwn(field.id, field.value)) values[id.name] = text(shown(bar, field)); // the slider has moved on
        else if (typeof field.value === "number" && shown(bar, field) !== field.value)
          give(bar.id, onSlider(bar.id, field.value));
      }
    }
    if (previous && JSON.stringify(previous) === JSON.stringify(values)) return none();
    remember(page, values, !previous);
    clearTimeout(settling);
    settling = setTimeout(() => set({ kind: "settled", page }, { data: values }), REST);
    return values;
  }

  /* An address that was not written by `remember`: a story, or a step in the history. */
  function navigated(href) {
    const context = window.dash_clientside.callback_context;
    const fields = context.states_list[0];
    const there = new URL(href);
    for (const link of document.querySelectorAll(".tab")) {
      if (link.getAttribute("href") === there.pathname) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (!fields.length || there.pathname !== `/${fields[0].id.page}`) return none();
    clearTimeout(timer);
    for (const [name, value] of there.searchParams) {
      const field = fields.find((one) => one.id.name === name);
      if (field && text(field.value) !== value)
        set(field.id, { value: typeof field.value === "number" ? Number(value) : value });
    }
    return none();
  }

  /* A mark in a figure has the name of the parameter that it shows. */
  function dragged(relayouts, figures) {
    const context = window.dash_clientside.callback_context;
    for (const { prop_id, value } of context.triggered) {
      if (!value) continue;
      const id = JSON.parse(prop_id.replace(/\.relayoutData$/, ""));
      const place = context.inputs_list[0].findIndex((one) => one.id.panel === id.panel);
      for (const entry of Object.keys(value)) {
        const match = entry.match(/^shapes\[(\d+)\]\.x0$/);
        if (!match) continue;
        const shape = figures[place].layout.shapes[Number(match[1])];
        if (shape.name) set({ kind: "control", page: id.page, name: shape.name }, { value: Number(value[entry].toPrecision(3)) });
      }
    }
    return none();
  }

  /* A click on a cell of a matrix: zero, positive, negative. */
  function clicked(clicks, entries) {
    const context = window.dash_clientside.callback_context;
    const trigger = context.triggered[0];
    if (!trigger || !trigger.value) return none();
    const id = JSON.parse(trigger.prop_id.replace(/\.n_clicks$/, ""));
    const rows = [];
    let largest = 0;
    context.states_list[0].forEach(({ id: cell, value }) => {
      (rows[cell.row] = rows[cell.row] || [])[cell.column] = Number(value);
      largest = Math.max(largest, Math.abs(Number(value)));
    });
    const size = largest || 10;
    const old = rows[id.row][id.column];
    rows[id.row][id.column] = old > 0 ? -size : old < 0 ? 0 : size;
    const word = `matrix:${rows.map((row) => row.join(",")).join(";")}`;
    set({ kind: "control", page: id.page, name: id.name }, { value: word });
    return none();
  }

  /* A button below a control: "+1" increases a parameter, "or:v" gives it the value v if it is zero. */
  function pressed(clicks, rules, controls) {
    const context = window.dash_clientside.callback_context;
    const trigger = context.triggered[0];
    if (!trigger || !trigger.value) return none();
    const id = JSON.parse(trigger.prop_id.replace(/\.n_clicks$/, ""));
    const place = context.inputs_list[0].findIndex((one) => one.id.name === id.name);
    for (const [name, rule] of Object.entries(rules[place])) {
      const field = context.states_list[1].find((one) => one.id.name === name);
      if (rule === "+1") set(field.id, { value: Number(field.value) + 1 });
      else if (!Number(field.value)) set(field.id, { value: Number(rule.replace("or:", "")) });
    }
    return none();
  }

  /* The file of a figure has dark text on white ground, whatever the colours of the page are. */
  function saved() {
    const context = window.dash_clientside.callback_context;
    const trigger = context.triggered[0];
    if (!trigger || !trigger.value) return none();
    const id = JSON.parse(trigger.prop_id.replace(/\.n_clicks$/, ""));
    const graph = document.getElementById(`title-${id.panel}`).closest(".panel").querySelector(".js-plotly-plot");
    const font = { ...graph.layout.font, color: "#222222" };
    const layout = { ...graph.layout, font, paper_bgcolor: "#ffffff" };
    const { width, height } = graph.getBoundingClientRect();
    const scale = id.format === "png" ? 3 : 1;
    const options = { format: id.format, filename: `${id.page}-${id.panel}`, width, height, scale };
    window.Plotly.downloadImage({ data: graph.data, layout }, options);
    return none();
  }

  function copied(clicks, code) {
    return clicks ? code : none();
  }

  /* The field for files of dcc.Upload has no name of its own. */
  new MutationObserver(() => {
    for (const field of document.querySelectorAll("input[type=file]:not([aria-label])"))
      field.setAttribute("aria-label", "Upload a file");
  }).observe(document.documentElement, { childList: true, subtree: true });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.explorer = { changed, navigated, dragged, clicked, pressed, saved, copied };
})();
