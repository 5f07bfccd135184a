// Plots of the analysts' rooms: ECharts draws what stands in data-plot; tables say the same.
"use strict";
(() => {
  const SHAPES = ["circle", "rect", "triangle", "diamond", "roundRect", "path://M0 0h10L5 9z"];
  const DASHES = ["solid", [8, 4], [2, 3], [10, 3, 2, 3], [5, 2], [14, 4]];
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
  const text = (value) => (value === null || value === undefined ? "–" : number.format(value));
  const between = (row) => (row.low === null || row.low === undefined ? "" : ` (${text(row.low)} – ${text(row.high)})`);

  // A custom property as a colour that SVG takes: only the browser knows which scheme holds.
  const ink = (name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  };
  const inks = () => ({
    series: [1, 2, 3, 4, 5, 6].map((each) => ink(`plot-${each}`)),
    text: ink("text"), quiet: ink("quiet"), line: ink("line"), paper: ink("paper"), red: ink("red"),
  });

  const named = (c, name, more) => ({
    name, nameLocation: "middle", nameTextStyle: { color: c.quiet },
    axisLabel: { color: c.text }, axisLine: { lineStyle: { color: c.quiet } },
    splitLine: { lineStyle: { color: c.line } }, ...more,
  });
  const across = (c, name, more) => named(c, name, { nameGap: 32, ...more });
  const upright = (c, name, more) => named(c, name, { nameGap: 48, ...more });
  const legend = (c, names) =>
    names.length > 1 ? { top: 0, type: "scroll", textStyle: { color: c.text }, data: names } : undefined;
  const grid = (more) => ({ left: 72, right: 32, top: 40, bottom: 56, ...more });
  // Marks that open nothing do not look as if they did.
  const cursor = (open) => (open ? "pointer" : "default");

  const KINDS = {
    lines(plot, c) {
      const series = plot.series.flatMap((each, place) => {
        const colour = c.series[place % c.series.length];
        const marks = each.points.map((point) => ({
          value: point.y, open: point.open, note: point.hollow ? plot.hollow : "",
          itemStyle: point.hollow ? { color: c.paper, borderColor: colour, borderWidth: 2 } : { color: colour },
        }));
        const first = each.points.findIndex((point) => point.hollow);
        const over = first < 0 ? each.points.length : first;
        const shape = { type: "line", name: each.name, symbol: SHAPES[place % SHAPES.length], symbolSize: 9, color: colour };
        const solid = { ...shape, data: marks.map((mark, at) => (at < over ? mark : "-")), lineStyle: { width: 2, type: DASHES[0] } };
        if (first < 0) return [solid];
        // From the last point that is over to those that are not: the first one is drawn already.
        const rest = marks.map((mark, at) =>
          at >= over ? mark : at === over - 1 ? { ...mark, symbolSize: 0 } : "-");
        return [solid, { ...shape, data: rest, lineStyle: { width: 2, type: "dashed" } }];
      });
      return {
        legend: legend(c, plot.series.map((each) => each.name)), grid: grid({ bottom: 32 }),
        xAxis: across(c, "", { type: "category", data: plot.x, splitLine: { show: false } }),
        yAxis: upright(c, plot.y, { type: "value", min: 0, minInterval: 1 }), series,
        tell: (mark) => [mark.seriesName, `${mark.name}: ${text(mark.value)}${mark.data.note ? ` (${mark.data.note})` : ""}`],
      };
    },

    bars(plot, c) {
      return {
        ...listed(plot, c),
        xAxis: across(c, plot.x, { type: "value" }),
        series: [
          { type: "bar", barMaxWidth: 18, itemStyle: { color: c.series[0], opacity: 0.55 }, data: rowData(plot) },
          ...whiskers(plot, c.text),
        ],
      };
    },

    ratios(plot, c) {
      const line = { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: c.quiet, type: "dashed" }, data: [{ xAxis: 1 }] };
      // Twice as many and half as many are as far from 1; a logarithm of 0 there is none.
      const scale = plot.rows.every((row) => row.value > 0 && row.low > 0)
        ? {
            type: "log", logBase: 2,
            min: (range) => 2 ** Math.floor(Math.log2(Math.min(0.5, range.min))),
            max: (range) => 2 ** Math.ceil(Math.log2(Math.max(2, range.max))),
          }
        : { type: "value", min: 0, max: (range) => Math.max(2, Math.ceil(range.max * 10) / 10) };
      return {
        ...listed(plot, c),
        xAxis: across(c, plot.x, { ...scale, axisLabel: { color: c.text, formatter: text } }),
        series: [
          ...whiskers(plot, c.series[0]),
          { type: "scatter", symbol: "rect", symbolSize: 12, itemStyle: { color: c.series[0] }, data: rowData(plot), markLine: line },
        ],
      };
    },

    funnel(plot, c) {
      const limit = (name, key, type) => ({
        type: "line", name, symbol: "none", silent: true, color: c.quiet, lineStyle: { width: 1.5, type },
        data: plot.limits.filter((each) => each[key] !== null).map((each) => [each.x, each[key]]),
      });
      // Below the names of points.
      const line = { silent: true, z: 1, symbol: "none", label: { show: false }, lineStyle: { color: c.text, type: "solid" }, data: [{ yAxis: 1 }] };
      return {
        // Limits are lines without marks.
        legend: { ...legend(c, [plot.inner, plot.outer]), itemStyle: { opacity: 0 } }, grid: grid(),
        xAxis: across(c, plot.x, { type: "value", scale: true }),
        yAxis: upright(c, plot.y, { type: "value", scale: true }),
        series: [
          limit(plot.inner, "innerLow", "dashed"), limit(plot.inner, "innerHigh", "dashed"),
          limit(plot.outer, "outerLow", "solid"), limit(plot.outer, "outerHigh", "solid"),
          {
            type: "scatter", symbolSize: 13, markLine: line,
            label: { show: true, position: "right", formatter: (mark) => mark.data.name, color: c.text, textBorderColor: c.paper, textBorderWidth: 3 },
            labelLayout: { moveOverlap: "shiftY" },
            data: plot.points.map((each) => ({
              value: [each.x, each.y], name: each.name, note: each.note, open: each.open,
              symbol: each.outside ? "diamond" : "circle", cursor: cursor(each.open),
              itemStyle: { color: each.outside ? c.red : c.series[0] },
            })),
          },
        ],
        tell: (mark) => [mark.data.name, `${plot.x}: ${text(mark.value[0])}`, `${plot.y}: ${text(mark.value[1])}`, mark.data.note],
      };
    },

    map(plot, c) {
      const marks = (each) => each.points.map((point) => ({
        value: [point.x, point.y], name: point.name, open: point.open, cursor: cursor(point.open),
      }));
      const axis = { type: "value", min: -1.05, max: 1.05, show: false };
      return {
        legend: { ...legend(c, [...plot.series, plot.rest].map((each) => each.name)), itemWidth: 12, itemHeight: 10 },
        grid: grid({ left: 8, right: 8, bottom: 8 }), xAxis: axis, yAxis: axis,
        series: [
          { type: "scatter", name: plot.rest.name, symbolSize: 5, color: c.quiet, itemStyle: { opacity: 0.5 }, data: marks(plot.rest) },
          ...plot.series.map((each, place) => ({
            type: "scatter", name: each.name, symbol: SHAPES[place], symbolSize: 8, color: c.series[place], data: marks(each),
          })),
        ],
        tell: (mark) => [mark.data.name],
      };
    },

    curves(plot, c) {
      const series = plot.series.flatMap((each, place) => {
        const colour = c.series[place % c.series.length];
        const shape = { type: "line", step: "end", name: each.name, color: colour };
        const curve = {
          ...shape, symbol: SHAPES[place % SHAPES.length], symbolSize: 7, showAllSymbol: true,
          lineStyle: { width: 2, type: DASHES[place % DASHES.length] },
          data: each.points.map((point) => ({ value: [point.x, point.y], low: point.low, high: point.high, open: each.open })),
        };
        // Six intervals over each other tell nothing: of one curve alone it is drawn.
        const ends = plot.series.length > 1 ? [] : ["low", "high"].map((end) => ({
          ...shape, symbol: "none", silent: true, lineStyle: { width: 1, type: [3, 3] },
          data: each.points.filter((point) => point[end] !== null).map((point) => [point.x, point[end]]),
        }));
        return [curve, ...ends];
      });
      return {
        legend: legend(c, plot.series.map((each) => each.name)), grid: grid(),
        xAxis: across(c, plot.x, { type: "value", min: 0 }),
        yAxis: upright(c, plot.y, { type: "value", min: 0, max: 100 }), series,
        tell: (mark) => [mark.seriesName, `${plot.x}: ${text(mark.value[0])}`, `${plot.y}: ${text(mark.value[1])}${between(mark.data)}`],
      };
    },
  };

  const rowData = (plot) =>
    plot.rows.map((row, at) => ({ value: [row.value, at], row, open: row.open, cursor: cursor(row.open) }));
  // Rows by name, the first on top.
  const listed = (plot, c) => ({
    grid: { left: 16, right: 32, top: 16, bottom: 56, containLabel: true },
    yAxis: named(c, "", {
      type: "category", inverse: true, data: plot.rows.map((row) => row.name), splitLine: { show: false },
      axisLabel: { color: c.text, width: 320, overflow: "break" }, triggerEvent: true,
    }),
    tell: (mark) => [mark.data.row.name, `${text(mark.data.row.value)}${between(mark.data.row)}`, mark.data.row.note ?? ""],
  });
  // An interval is a line from end to end with a stroke at both.
  const whiskers = (plot, colour) =>
    plot.rows.map((row, at) => ({
      type: "line", silent: true, z: 5, symbol: "rect", symbolSize: [2, 12], color: colour, lineStyle: { width: 2 },
      data: row.low === null || row.high === null ? [] : [[row.low, at], [row.high, at]],
    }));

  const draw = (place) => {
    const plot = JSON.parse(place.dataset.plot);
    const c = inks();
    const { tell, ...option } = KINDS[plot.kind](plot, c);
    if (plot.rows) place.style.height = `${Math.max(8, 5 + plot.rows.length * 3)}rem`;
    const chart = echarts.init(place, null, { renderer: "svg" });
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      tooltip: {
        // Plain text: one of HTML needs style attributes, which the page's policy refuses.
        trigger: "item", renderMode: "richText", confine: true,
        backgroundColor: c.paper, borderColor: c.quiet, textStyle: { color: c.text },
        formatter: (mark) => [...tell(mark), mark.data.open ? place.dataset.open : place.dataset.hidden].filter(Boolean).join("\n"),
      },
      ...option,
    });
    chart.on("click", (mark) => {
      const open = mark.componentType === "yAxis" ? plot.rows.find((row) => row.name === mark.value)?.open : mark.data?.open;
      if (open) location.assign(open);
    });
    return chart;
  };

  const save = (button) => {
    const place = button.closest("section").querySelector(".plot");
    const address = echarts.getInstanceByDom(place).getDataURL({ type: "svg", backgroundColor: ink("paper") });
    const text = decodeURIComponent(address.slice(address.indexOf(",") + 1));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    link.download = `${button.dataset.svg}.svg`;
    link.click();
    URL.revokeObjectURL(link.href);
  };

  const copy = async (link) => {
    const answer = await fetch(link.href);
    if (!answer.ok) return location.assign(link.href);
    await navigator.clipboard.writeText(await answer.text());
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    said.textContent = link.dataset.copy;
    link.parentElement.querySelector("[role=status]")?.remove();
    link.after(said);
  };

  document.documentElement.classList.add("scripted");
  for (const details of document.querySelectorAll("details[data-closed]")) details.open = false;
  if (window.echarts) {
    const places = [...document.querySelectorAll(".plot")];
    let charts = places.map(draw);
    for (const button of document.querySelectorAll("[data-svg]")) {
      button.hidden = false;
      button.addEventListener("click", () => save(button));
    }
    const watch = new ResizeObserver(() => charts.forEach((chart) => chart.resize()));
    places.forEach((place) => watch.observe(place));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      charts.forEach((chart) => chart.dispose());
      charts = places.map(draw);
    });
  }
  // The clipboard is there on secure pages alone; elsewhere the link opens the text.
  if (navigator.clipboard) {
    for (const link of document.querySelectorAll("[data-copy]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        copy(link).catch(() => location.assign(link.href));
      });
    }
  }
})();
