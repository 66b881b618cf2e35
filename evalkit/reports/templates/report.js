"use strict";
(() => {
  // -- small tools ----------------------------------------------------------------------------------------------------

  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const SVG = "http://www.w3.org/2000/svg";

  // Control and bidi characters are shown as code points, as evalkit.printable.visible does.
  const OBEYED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2061-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\u{e0000}-\u{e007f}]/gu;
  const visible = (text) => text.replace(OBEYED, (c) => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
  const READ_OUT = ["title", "aria-label"];

  // Texts only ever become text nodes and attribute values, never markup.
  function fill(node, properties, children) {
    for (const [name, value] of Object.entries(properties || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value === true ? "" : READ_OUT.includes(name) ? visible(value) : value);
    }
    for (const child of children.flat(Infinity)) {
      if (child !== null && child !== undefined && child !== false) node.append(child instanceof Node ? child : visible(String(child)));
    }
    return node;
  }
  const el = (tag, properties, ...children) => fill(document.createElement(tag), properties, children);
  const bdi = (name) => el("bdi", {}, name);
  const shape = (tag, properties, ...children) => fill(document.createElementNS(SVG, tag), properties, children);
  const line = (name, x1, x2, y1, y2) => shape("line", { class: name, x1, x2, y1, y2, "vector-effect": "non-scaling-stroke" });

  const model = JSON.parse(byId("model").textContent);
  const say = (text) => { byId("said").textContent = visible(text); };
  const shown = (value, digits) => (value === null ? "–" : value.toFixed(digits));
  function signed(value, digits) {
    if (value === null) return "–";
    return (value > 0 ? "+" : value < 0 ? "−" : "±") + Math.abs(value).toFixed(digits);
  }
  const pairSentence = (verdict, words) => model.pair_sentences[verdict].replace(/\{(\w+)\}/g, (_, name) => words[name]);
  const ICONS = { ok: "✓", warning: "!", error: "✕" };

  const escapePart = (text) => encodeURIComponent(text).replace(/[!'()*~]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
  function linkTo(task, article, systems, segment) {
    const parts = [escapePart(task), article === undefined ? "" : escapePart(article), (systems || []).map(escapePart).join("+"), segment === undefined ? "" : escapePart(segment)];
    while (parts.length && !parts[parts.length - 1]) parts.pop();
    return "#" + parts.join("/");
  }
  function readLink() {
    const parts = location.hash.slice(1).split("/");
    try {
      return {
        task: decodeURIComponent(parts[0] || ""),
        article: parts[1] ? decodeURIComponent(parts[1]) : null,
        systems: parts[2] ? parts[2].split("+").map(decodeURIComponent) : [],
        segment: parts[3] ? decodeURIComponent(parts[3]) : null,
      };
    } catch (error) {
      return { task: "", article: null, systems: [], segment: null };
    }
  }

  // -- overview -------------------------------------------------------------------------------------------------------

  const overviews = model.tasks.map((task) => overview(task));

  function overview(task) {
    const root = byId(task.key);
    const table = root.querySelector(".board");
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const state = { baseline: task.baseline, focus: 0 };

    for (const button of all(".sort", table)) button.addEventListener("click", () => sort(button));
    for (const box of all("input[data-column]", root)) {
      box.addEventListener("change", () => {
        for (const cell of all(`.board [data-column="${box.dataset.column}"]`, root)) cell.hidden = !box.checked;
      });
    }
    const filter = root.querySelector('[data-role="filter"]');
    if (filter) filter.addEventListener("input", () => {
      const wanted = filter.value.trim().toLowerCase();
      for (const row of rows) row.hidden = !row.dataset.system.toLowerCase().includes(wanted);
      rule();
      say(`${rows.filter((row) => !row.hidden).length} of ${rows.length} systems`);
    });
    const baseline = root.querySelector('[data-role="baseline"]');
    if (baseline) baseline.addEventListener("change", () => {
      state.baseline = Number(baseline.value);
      compare();
      closer();
      say(`Compared with ${task.systems[state.baseline]}`);
    });
    for (const radio of all(`input[name="${task.key}-focus"]`, root)) {
      radio.addEventListener("change", () => { state.focus = Number(radio.value); closer(); });
    }
    let sorted = "0";
    explain();
    closer();
    return { root, state };

    function sort(button) {
      const head = button.closest("th");
      const was = head.getAttribute("aria-sort");
      const by = button.dataset.sort;
      const natural = by === "system" ? "ascending" : button.dataset.higher === "1" ? "descending" : "ascending";
      const way = was === null ? natural : was === "ascending" ? "descending" : "ascending";
      for (const other of all("th[aria-sort]", table)) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", way);
      const sign = way === "ascending" ? 1 : -1;
      const value = (row) => row.querySelector(`td[data-column="${by}"]`).dataset.value;
      rows.sort((a, b) => {
        if (by === "system") return sign * a.dataset.system.localeCompare(b.dataset.system);
        const [x, y] = [value(a), value(b)];
        // Rows without a score come last in both directions.
        if (x === "" || y === "") return (x === "") - (y === "");
        return sign * (Number(x) - Number(y));
      });
      body.append(...rows);
      if (by !== "system") {
        sorted = by;
        for (const row of rows) row.querySelector(".rank").textContent = row.querySelector(`td[data-column="${by}"]`).dataset.ranks;
      }
      rule(by === "system");
      say(`Sorted by ${button.dataset.sort === "system" ? "system" : task.metrics[by].label}, ${way}`);
    }

    // A heavy line where one cluster ends and the next begins.
    function rule(none) {
      let before = null;
      for (const row of rows) {
        if (row.hidden) continue;
        const cluster = row.querySelector(`td[data-column="${sorted}"]`).dataset.cluster;
        row.classList.toggle("rule", !none && before !== null && cluster !== before);
        before = cluster;
      }
    }

    function verdict(metric, system) {
      const found = metric.pairs && metric.pairs[system][state.baseline];
      const words = found && { system: task.systems[system], baseline: task.systems[state.baseline], metric: metric.label, p: found[3] };
      return found && { difference: found[0], low: found[1], high: found[2], p: found[3], verdict: found[4], words: pairSentence(found[4], words) };
    }

    // The words behind each difference, for a pointer and for a screen reader.
    function explain() {
      for (const row of rows) {
        if (row.dataset.held === undefined) continue;
        task.metrics.forEach((metric, m) => {
          const cell = row.querySelector(`td[data-column="${m}"] .delta`);
          const pair = cell && verdict(metric, Number(row.dataset.held));
          if (pair) cell.title = visible(pair.words);
        });
      }
    }

    function compare() {
      for (const row of rows) {
        if (row.dataset.held === undefined) continue;
        const held = Number(row.dataset.held);
        const isBaseline = held === state.baseline;
        for (const badge of all(".badge.base", row)) badge.remove();
        if (isBaseline) row.querySelector("th").append(el("span", { class: "badge base" }, "baseline"));
        task.metrics.forEach((metric, m) => {
          const cell = row.querySelector(`td[data-column="${m}"] .delta`);
          const pair = isBaseline ? null : verdict(metric, held);
          cell.className = "delta" + (pair ? " " + pair.verdict : "");
          cell.textContent = pair ? signed(pair.difference, metric.digits) : "";
        });
      }
      explain();
    }

    function closer() {
      for (const block of all("[data-focus]", root)) block.hidden = Number(block.dataset.focus) !== state.focus;
      forest(root.querySelector('[data-role="forest"]'));
      worse(root.querySelector('[data-role="worse"]'));
    }

    function forest(place) {
      const metric = task.metrics[state.focus];
      place.replaceChildren();
      const entries = task.systems.map((name, i) => ({ name, i, pair: i === state.baseline ? null : verdict(metric, i) }))
        .filter((entry) => entry.pair && entry.pair.low !== null);
      place.hidden = !entries.length;
      if (!entries.length) return;
      const sign = metric.higher ? 1 : -1;
      entries.sort((a, b) => sign * (b.pair.difference - a.pair.difference));
      const ends = entries.flatMap(({ pair }) => [pair.low, pair.high]).concat(0);
      const [low, high] = [Math.min(...ends), Math.max(...ends)];
      const air = (high - low) * 0.04 || 1;
      const x = (value) => (100 * (value - low + air)) / (high - low + 2 * air);
      place.append(
        el("h4", { class: "label" }, `${metric.label}: difference from `, bdi(task.systems[state.baseline]), `, with ${metric.confidence} interval`.replace("  ", " ")),
        el("ul", { class: "forest" }, entries.map(({ name, pair }) => {
          const interval = `${signed(pair.low, metric.digits)} to ${signed(pair.high, metric.digits)}`;
          return el("li", { class: pair.verdict },
            el("span", { class: "who", title: name }, name),
            shape("svg", { class: "spread", viewBox: "0 0 100 10", preserveAspectRatio: "none", role: "img", "aria-label": `${pair.words}; difference ${signed(pair.difference, metric.digits)}, interval ${interval}` },
              line("zero", x(0), x(0), -4, 14), line("range", x(pair.low), x(pair.high), 5, 5), line("at", x(pair.difference), x(pair.difference), 1, 9)),
            el("span", { class: "numbers" }, el("b", {}, signed(pair.difference, metric.digits)), pair.verdict === "same" ? "the same" : pair.p || ""));
        })));
    }

    function worse(place) {
      const metric = task.metrics[state.focus];
      const [count, worst] = (metric.worse && metric.worse[state.baseline]) || [0, []];
      place.replaceChildren();
      place.hidden = !metric.worse || task.systems.length < 2;
      if (place.hidden) return;
      place.append(el("h4", { class: "label" }, `${metric.label}: articles where systems score below `, bdi(task.systems[state.baseline])));
      if (!count) {
        place.append(el("p", { class: "empty" }, "No system scores lower than the baseline on any article."));
        return;
      }
      const row = ([a, i, change]) => {
        const article = task.articles[a];
        const scores = article.scores[state.focus];
        return el("tr", {},
          el("th", { scope: "row", lang: article.lang }, article.texts
            ? el("a", { href: linkTo(task.name, article.id, [task.systems[i], task.systems[state.baseline]]) }, article.title)
            : article.title),
          el("td", { class: "name", title: task.systems[i] }, task.systems[i]),
          el("td", {}, shown(scores[state.baseline], metric.digits)),
          el("td", {}, shown(scores[i], metric.digits)),
          el("td", { class: "down" }, signed(change, metric.digits)));
      };
      place.append(el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": `Articles where systems score below ${task.systems[state.baseline]}, ${metric.label}` },
        el("table", { class: "worse-list" },
          el("thead", {}, el("tr", {}, ["article", "system"].map((name) => el("th", { scope: "col", class: "name" }, name)), ["baseline", "score", "change"].map((name) => el("th", { scope: "col" }, name)))),
          el("tbody", {}, worst.map(row)))));
      if (count > worst.length) place.append(el("p", { class: "lede" }, `and ${count - worst.length} smaller ${count - worst.length === 1 ? "one" : "ones"}`));
    }
  }

  // -- differences ----------------------------------------------------------------------------------------------------

  const WORD = /[\p{L}\p{M}\p{N}]+(?:['’.,\-][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}]/gu;
  const CHARACTER = /\p{Script=Han}|[^\s\p{L}\p{N}]|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+/gu;
  const MOST_CELLS = 6e6;

  // Half-open ranges of what each text has and the other has not, by a longest common subsequence of words (of
  // characters in Chinese); null where the texts are too long for that.
  function differences(first, second, lang) {
    const pattern = lang === "zh" ? CHARACTER : WORD;
    const [a, b] = [[...first.matchAll(pattern)], [...second.matchAll(pattern)]];
    let start = 0;
    while (start < a.length && start < b.length && a[start][0] === b[start][0]) start += 1;
    let [enda, endb] = [a.length, b.length];
    while (enda > start && endb > start && a[enda - 1][0] === b[endb - 1][0]) { enda -= 1; endb -= 1; }
    const [n, m] = [enda - start, endb - start];
    if (n * m > MOST_CELLS) return null;
    const length = Array.from({ length: n + 1 }, () => new Uint16Array(m + 1));
    for (let i = n - 1; i >= 0; i -= 1) {
      for (let j = m - 1; j >= 0; j -= 1) {
        length[i][j] = a[start + i][0] === b[start + j][0] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
      }
    }
    const only = [[], []];
    let [i, j] = [0, 0];
    while (i < n || j < m) {
      if (i < n && j < m && a[start + i][0] === b[start + j][0]) { i += 1; j += 1; }
      else if (j >= m || (i < n && length[i + 1][j] >= length[i][j + 1])) { only[0].push(start + i); i += 1; }
      else { only[1].push(start + j); j += 1; }
    }
    return [ranges(only[0], a), ranges(only[1], b)];
  }
  function ranges(numbers, tokens) {
    const found = [];
    let last = -2;
    for (const k of numbers) {
      const end = tokens[k].index + tokens[k][0].length;
      if (k === last + 1) found[found.length - 1][1] = end;
      else found.push([tokens[k].index, end]);
      last = k;
    }
    return found;
  }

  // The reference that shares most with a text.
  function nearest(text, references, lang) {
    if (references.length < 2) return 0;
    const unlike = references.map((reference) => {
      const found = differences(text, reference, lang);
      const size = (list) => list.reduce((sum, [a, b]) => sum + b - a, 0);
      return found === null ? Infinity : (size(found[0]) + size(found[1])) / (text.length + reference.length || 1);
    });
    return unlike.indexOf(Math.min(...unlike));
  }

  // -- text viewer ----------------------------------------------------------------------------------------------------

  const room = byId("reading");
  const parsed = new Map();
  const reader = { task: null, article: null, systems: [], reference: -1, others: false, differences: true, findings: true, show: "all", segment: null, made: 0, rows: [], problem: null, arrive: 0 };
  const STEP = 25;
  const MOST_SYSTEMS = 6;

  function texts(id) {
    if (!parsed.has(id)) parsed.set(id, JSON.parse(byId(id).textContent));
    return parsed.get(id);
  }

  function open(task, article, names, segment) {
    const known = names.map((name) => task.systems.indexOf(name)).filter((i) => i >= 0);
    if (reader.task !== task) reader.reference = -1;
    reader.task = task;
    reader.article = article;
    reader.systems = known.length ? [...new Set(known)].slice(0, MOST_SYSTEMS) : usual(task);
    reader.segment = segment;
    reader.show = "all";
    reader.problem = null;
    build();
    if (reader.arrive) {
      const by = reader.arrive;
      reader.arrive = 0;
      nextProblem(by);
    }
  }

  // The baseline, and the best of the others.
  function usual(task) {
    const baseline = overviews[model.tasks.indexOf(task)].state.baseline;
    const best = task.systems.findIndex((_, i) => i !== baseline);
    return best < 0 ? [baseline] : [best, baseline];
  }

  function build() {
    const { task, article } = reader;
    const data = texts(article.texts);
    const readable = task.articles.filter((one) => one.texts);
    const place = readable.indexOf(article);
    const step = (by, label) => {
      const other = readable[place + by];
      return other
        ? el("a", { class: "button", href: linkTo(task.name, other.id, reader.systems.map((i) => task.systems[i])), "aria-label": label + ": " + other.title }, by < 0 ? "‹" : "›")
        : el("button", { class: "button", type: "button", disabled: true, "aria-label": label }, by < 0 ? "‹" : "›");
    };
    const articles = el("select", { onchange: (event) => { location.hash = linkTo(task.name, readable[event.target.value].id, reader.systems.map((i) => task.systems[i])); } },
      readable.map((one, i) => el("option", { value: i, selected: one === article, lang: one.lang }, one.title)));
    const hasFindings = data.segments.some((segment) => segment.findings);
    const shows = [["all", "all segments"]];
    if (hasFindings) shows.push(["problems", "with problems"]);
    const baseline = overviews[model.tasks.indexOf(task)].state.baseline;
    if (task.systems.length > 1) shows.push(["worst", "largest loss first"]);
    const tick = (name, label) => el("label", { class: "chip" }, el("input", { type: "checkbox", checked: reader[name], onchange: (event) => { reader[name] = event.target.checked; marks(); } }), el("span", {}, label));
    const bar = el("div", { class: "bar" }, el("div", { class: "controls", role: "group", "aria-label": "What is shown" },
      el("a", { class: "button", href: linkTo(task.name) }, "← Results"),
      el("label", { class: "field" }, el("span", { class: "name" }, "Article"), el("span", { class: "steps" }, articles, step(-1, "Previous article"), step(1, "Next article"))),
      systemsMenu(task),
      task.references.length > 1 && el("label", { class: "field" }, el("span", { class: "name" }, "Reference"),
        el("select", { onchange: (event) => { reader.reference = Number(event.target.value); fillRows(); } },
          ["the nearest", ...task.references].map((name, i) => el("option", { value: i - 1, selected: i - 1 === reader.reference }, name)))),
      shows.length > 1 && data.segments.length > 1 && el("label", { class: "field" }, el("span", { class: "name" }, "Show"),
        el("select", { "data-role": "show", onchange: (event) => { reader.show = event.target.value; fillRows(); } }, shows.map(([value, label]) => el("option", { value, selected: value === reader.show }, label)))),
      el("fieldset", {}, el("legend", {}, "Marks"), el("div", { class: "chips" }, tick("differences", "differences"), hasFindings && tick("findings", "facts and quantities"))),
      hasFindings && el("span", { class: "steps problems" },
        el("button", { class: "button", type: "button", "data-role": "previous", title: "Key: p", "aria-keyshortcuts": "p", onclick: () => nextProblem(-1) }, "Previous problem"),
        el("button", { class: "button", type: "button", "data-role": "next", title: "Key: n", "aria-keyshortcuts": "n", onclick: () => nextProblem(1) }, "Next problem"))));
    const head = el("header", { class: "article-head" },
      el("h2", { tabindex: "-1", id: "reading-title", lang: article.lang }, article.title),
      articleScores(),
      el("p", { class: "legend", "data-role": "legend" }));
    reader.body = el("div", { class: task.kind === "summary" ? "segments summary" : "segments" });
    reader.more = el("p", { class: "more" });
    if (matchMedia("(max-width: 40rem)").matches) {
      // Folded on a phone, so that the texts have the screen.
      const controls = bar.firstChild;
      const steps = controls.querySelector(".problems");
      bar.replaceChildren(el("details", { class: "options" }, el("summary", { class: "button" }, "Options"), controls));
      if (steps) bar.append(steps);
    }
    room.className = "reading";
    room.replaceChildren(bar, head, reader.body, reader.more);
    fillRows();
  }

  function systemsMenu(task) {
    const boxes = task.systems.map((name, i) => el("input", { type: "checkbox", checked: reader.systems.includes(i), onchange: () => choose() }));
    const label = () => reader.systems.length === 1 ? task.systems[reader.systems[0]] : `${reader.systems.length} of ${task.systems.length}`;
    const summary = el("summary", { class: "button" }, label());
    function choose() {
      const chosen = task.systems.map((_, i) => i).filter((i) => boxes[i].checked);
      if (chosen.length) reader.systems = [...reader.systems.filter((i) => chosen.includes(i)), ...chosen.filter((i) => !reader.systems.includes(i))];
      limit();
      summary.textContent = visible(label());
      history.replaceState(null, "", linkTo(task.name, reader.article.id, reader.systems.map((i) => task.systems[i])));
      document.body.dataset.address = location.hash;
      room.querySelector(".article-scores").replaceWith(articleScores());
      fillRows();
    }
    function limit() {
      for (const [i, box] of boxes.entries()) {
        box.checked = reader.systems.includes(i);
        box.disabled = !box.checked && reader.systems.length >= MOST_SYSTEMS;
      }
    }
    limit();
    const details = el("details", { class: "pick", onkeydown: (event) => {
      if (event.key === "Escape" && details.open) { details.open = false; summary.focus(); event.stopPropagation(); }
    } }, summary, el("div", { class: "menu", role: "group", "aria-label": `Systems, at most ${MOST_SYSTEMS}` }, task.systems.map((name, i) => el("label", {}, boxes[i], el("span", {}, name)))));
    return el("div", { class: "field" }, el("span", { class: "name" }, "Systems"), details);
  }

  function articleScores() {
    const { task, article } = reader;
    if (!article.scores) return el("div", { class: "article-scores" });
    return el("div", { class: "article-scores scroll", role: "region", tabindex: "0", "aria-label": "Scores of this article" },
      el("table", {},
        el("thead", {}, el("tr", {}, el("th", { scope: "col", class: "name" }, "this article"), task.metrics.map((metric) => el("th", { scope: "col" }, `${metric.label} ${metric.higher ? "↑" : "↓"}`)))),
        el("tbody", {}, reader.systems.map((i) => el("tr", {}, el("th", { scope: "row" }, task.systems[i]), task.metrics.map((metric, m) => el("td", {}, shown(article.scores[m][i], metric.digits))))))));
  }

  function isProblem(finding) {
    return finding[3] !== "ok" && reader.systems.includes(finding[0]);
  }

  function fillRows() {
    const { task, article } = reader;
    let rows = texts(article.texts).segments.map((segment, number) => ({ segment, number }));
    if (reader.show === "problems") rows = rows.filter(({ segment }) => (segment.findings || []).some(isProblem));
    if (reader.show === "worst") {
      const baseline = overviews[model.tasks.indexOf(task)].state.baseline;
      const sign = task.metrics[0].higher ? 1 : -1;
      // An undefined score is no loss.
      const lossOf = (scores, i) => (scores[baseline] === null || scores[i] === null ? -Number.MAX_VALUE : sign * (scores[baseline] - scores[i]));
      const loss = ({ segment }) => Math.max(...reader.systems.map((i) => lossOf(segment.scores[0], i)));
      rows.sort((a, b) => loss(b) - loss(a));
    }
    reader.rows = rows;
    reader.problem = null;
    reader.made = 0;
    reader.body.replaceChildren();
    if (!rows.length) reader.body.append(el("p", { class: "empty" }, "No segment of this article has a problem in the systems shown."));
    legend();
    marks();
    const wanted = reader.segment === null ? -1 : rows.findIndex(({ segment }) => segment.id === reader.segment);
    makeRows(Math.max(STEP, wanted + 5));
    if (wanted >= 0) {
      const row = reader.body.children[wanted];
      row.classList.add("target");
      row.scrollIntoView({ behavior: "instant", block: "start" });
    }
  }

  function makeRows(count) {
    const next = reader.rows.slice(reader.made, reader.made + count);
    reader.body.append(...next.map(segmentRow));
    reader.made += next.length;
    const left = reader.rows.length - reader.made;
    reader.more.replaceChildren();
    if (left) reader.more.append(el("button", { class: "button", type: "button", onclick: () => makeRows(STEP) }, `Show ${Math.min(STEP, left)} more of ${left}`));
  }

  function marks() {
    reader.body.classList.toggle("show-differences", reader.differences);
    reader.body.classList.toggle("hide-findings", !reader.findings);
    legend();
  }

  function legend() {
    const place = room.querySelector('[data-role="legend"]');
    const { task } = reader;
    const items = [];
    const first = task.systems[reader.systems[0]];
    if (reader.differences && task.references.length) {
      items.push(el("span", { class: "show-differences" }, el("ins", { class: "x" }, task.lang === "zh" ? "字符" : "words"), task.references.length > 1 && reader.reference < 0 ? " not in the reference" : ` not in ${task.references[Math.max(0, reader.reference)]}`));
      items.push(el("span", { class: "show-differences" }, el("del", { class: "x" }, task.lang === "zh" ? "字符" : "words"), " not in ", bdi(first)));
    }
    if (reader.findings && texts(reader.article.texts).segments.some((segment) => segment.findings)) {
      items.push(el("span", {}, el("span", { class: "f ok" }, "matched"), ", ", el("span", { class: "f warning" }, "doubtful"), ", ", el("span", { class: "f error" }, "wrong"), ": hover or focus for the reason"));
      items.push(el("span", {}, "keys: ", el("kbd", {}, "n"), " next problem, ", el("kbd", {}, "p"), " previous problem"));
    }
    place.replaceChildren(...items);
  }

  function segmentRow({ segment, number }) {
    const { task, article } = reader;
    const cut = (text) => (Array.isArray(text) ? text : [text, 0]);
    const findings = (segment.findings || []).filter((finding) => reader.systems.includes(finding[0]))
      .map(([system, metric, kind, severity, message, source, output, key], k) => ({ id: `${number}-${k}`, system, metric, kind, severity, message, source, output, key }));
    const sides = [];
    const block = segment.block || "paragraph";
    const body = (text, lang, spans, changed, tag) => {
      const [content, missing] = cut(text);
      if (!content) return el("p", { class: "text none" }, "empty");
      return el("p", { class: "text", lang, dir: "auto" }, pieces(content, spans, changed, tag), missing > 0 && el("span", { class: "soft" }, ` … ${missing.toLocaleString("en")} more characters, which this page left out`));
    };
    if (segment.source !== undefined) {
      const spans = findings.filter((f) => f.source).map((f) => ({ span: f.source, finding: f, where: "source" }));
      const long = task.kind === "summary";
      sides.push(el("div", { class: "side source", role: long ? "region" : null, tabindex: long ? "0" : null, "aria-label": long ? "Source" : null }, el("h4", { class: "who" }, "source"), body(segment.source, task.sourceLang || "und", spans, [], "ins")));
    }
    const outputs = reader.systems.map((i) => samplesOf(segment, i));
    const references = segment.references.map((text) => cut(text)[0]);
    const chosen = reader.reference < 0 ? nearest(outputs[0][0].text, references, task.lang) : Math.min(reader.reference, references.length - 1);
    const compared = outputs.map((samples) => samples.map(({ text }) => (references.length ? differences(text, references[chosen], task.lang) : [[], []])));
    if (references.length) {
      const one = (r) => el("div", { class: "one" }, el("h4", { class: "who" }, task.references[r] || `reference ${r + 1}`), body(segment.references[r], task.lang, [], r === chosen && compared[0][0] ? compared[0][0][1] : [], "del"));
      const others = [...references.keys()].filter((r) => r !== chosen);
      sides.push(el("div", { class: "side references" }, one(chosen), others.length > 0 && el("details", { class: "others", open: reader.others, ontoggle: (event) => { reader.others = event.target.open; } },
        el("summary", {}, others.length === 1 ? `and ${task.references[others[0]] || "one more"}` : `and ${others.length} more references`), others.map(one))));
    }
    reader.systems.forEach((i, place) => sides.push(output(segment, i, findings.filter((f) => f.system === i), outputs[place], compared[place], body)));
    const row = el("section", { class: `segment block-${/^[a-z]+$/.test(block) ? block : "other"}`, "aria-label": `Segment ${segment.id}` },
      el("div", { class: "segment-head" },
        el("h3", {}, task.hasArticles && segment.id === article.id ? "the article" : shortId(segment.id, article.id), segment.block && segment.block !== shortId(segment.id, article.id) ? ` · ${segment.block}` : ""),
        el("a", { href: linkTo(task.name, article.id, reader.systems.map((i) => task.systems[i]), segment.id), "aria-label": `Link to segment ${segment.id}` }, "link")),
      el("div", { class: "sides" }, sides));
    return row;
  }

  const shortId = (id, article) => (id.startsWith(article + "/") ? id.slice(article.length + 1) : id);

  // The outputs of a system for a segment, each with its place in the text that the findings count in.
  function samplesOf(segment, i) {
    const whole = segment.outputs[i];
    const text = Array.isArray(whole) ? whole[0] : whole;
    const parts = segment.samples && segment.samples[i];
    return parts ? parts.map(([from, to]) => ({ text: text.slice(from, to), from, whole: text.slice(from, to) })) : [{ text, from: 0, whole }];
  }

  function output(segment, i, findings, samples, changed, body) {
    const { task } = reader;
    return el("div", { class: "side out" },
      el("h4", { class: "who" }, task.systems[i],
        i === overviews[model.tasks.indexOf(task)].state.baseline && task.systems.length > 1 && el("span", { class: "badge" }, "baseline"),
        segment.missing && segment.missing.includes(i) && el("span", { class: "badge alert" }, "missing, scored as empty")),
      samples.map((sample, k) => {
        const mine = samples.length > 1 ? findingsOf(findings, sample, `[${k + 1}] `) : findings;
        return [samples.length > 1 && el("h5", { class: "label sample" }, `sample ${k + 1} of ${samples.length}`), outputText(segment, sample, mine, changed[k], body)];
      }),
      scoreLine(segment, i));
  }
  const findingsOf = (findings, { from }, label) => findings.filter((f) => f.message.startsWith(label))
    .map((f) => ({ ...f, message: f.message.slice(label.length), output: f.output && f.output.map((at) => at - from) }));

  function outputText(segment, { text, whole }, findings, changed, body) {
    const spans = findings.filter((f) => f.output).map((f) => ({ span: f.output, finding: f, where: "output" }));
    const facts = findings.filter(isFact);
    const notes = findings.filter((f) => f.severity !== "ok" && !isFact(f));
    return [
      body(whole, reader.task.lang, spans, changed ? changed[0] : [], "ins"),
      changed === null && segment.references.length > 0 && el("p", { class: "lede" }, "too long to mark the differences"),
      notes.length > 0 && el("ul", { class: "notes", "aria-label": "Problems" }, notes.map((f) => el("li", { "data-finding": f.id }, icon(f.severity), f.message))),
      facts.length > 0 && checklist(facts, text)];
  }

  const MOST_SCORES = 5;

  // The scores of the metrics that the leaderboard shows; with more than a few, the others are folded away.
  function scoreLine(segment, i) {
    const { task } = reader;
    const root = overviews[model.tasks.indexOf(task)].root;
    const box = (m) => root.querySelector(`input[data-column="${m}"]`);
    const chosen = task.metrics.map((_, m) => m).filter((m) => !box(m) || box(m).checked);
    const first = chosen.slice(0, MOST_SCORES);
    const rest = task.metrics.map((_, m) => m).filter((m) => !first.includes(m));
    const line = (which) => el("p", { class: "numbers-line" }, which.map((m) => {
        const metric = task.metrics[m];
        const values = reader.systems.map((s) => segment.scores[m][s]).filter((value) => value !== null);
        const value = segment.scores[m][i];
        const best = values.length > 1 && value !== null && value === (metric.higher ? Math.max(...values) : Math.min(...values));
        return el("span", { class: best ? "top-score" : null }, metric.label + " ", el("b", {}, shown(value, metric.digits)));
      }));
    return [line(first), rest.length > 0 && el("details", { class: "others" }, el("summary", {}, `${rest.length} more ${rest.length === 1 ? "score" : "scores"}`), line(rest))];
  }

  // Facts that a summary need not have are no finding, so "of how many" cannot be said here.
  function tally(facts) {
    const groups = [["carried", (f) => f.severity === "ok"], ["contradicted", (f) => f.severity !== "ok" && f.output], ["missing", (f) => f.severity !== "ok" && !f.output]];
    return groups.map(([word, test]) => [facts.filter(test).length, word]).filter(([n]) => n).map(([n, word]) => `${n} ${word}`).join(", ");
  }

  // Key facts below the sentence that carries or contradicts them, in the order of the output; then those not found.
  function checklist(facts, text) {
    const groups = new Map();
    for (const fact of [...facts].sort((a, b) => (a.output ? a.output[0] : Infinity) - (b.output ? b.output[0] : Infinity))) {
      const quoted = fact.output ? sentence(text, fact.output) : "";
      if (!groups.has(quoted)) groups.set(quoted, []);
      groups.get(quoted).push(fact);
    }
    const item = (f) => el("li", { class: "fact", "data-finding": f.id, tabindex: f.source || f.output ? "0" : null }, icon(f.severity), f.message);
    return el("div", { class: "checklist" },
      el("h5", { class: "label" }, "Key facts: " + tally(facts)),
      [...groups].map(([quoted, list]) => [
        quoted ? el("p", { class: "carrier", lang: reader.task.lang, dir: "auto" }, el("q", {}, quoted)) : groups.size > 1 && el("p", { class: "carrier" }, "Not found"),
        el("ul", { class: "facts" }, list.map(item)),
      ]));
  }

  const isFact = (finding) => reader.task.metrics[finding.metric].name === "KeyFacts";
  const icon = (severity) => el("span", { class: `icon ${severity}` }, el("span", { "aria-hidden": "true" }, ICONS[severity] || "·"), el("span", { class: "unseen" }, { ok: "carried: ", warning: "warning: ", error: "error: " }[severity] || ""));

  // The whole sentence around a span.
  function sentence(text, [from, to]) {
    const before = text.slice(0, from), after = text.slice(to);
    const start = Math.max(...["。", "！", "？", "\n"].map((c) => before.lastIndexOf(c) + 1), before.search(/[.!?]["”’)]*\s(?!.*[.!?]["”’)]*\s)/s) + 1);
    const end = after.search(/[。！？\n]|[.!?]["”’)]*(?:\s|$)/);
    return text.slice(start, end < 0 ? text.length : to + end + 1).trim();
  }

  // A text cut wherever a finding begins or ends, and within these pieces wherever a difference does.
  function pieces(text, spans, changed, tag) {
    const begun = new Set();
    return cuts(0, text.length, spans.map(({ span }) => span)).map(([from, to]) => {
      const inner = cuts(from, to, changed).map(([a, b]) => {
        const part = text.slice(a, b);
        return changed.some(([x, y]) => x <= a && b <= y) ? el(tag, { class: "x" }, part) : part;
      });
      const covering = spans.filter(({ span }) => span[0] <= from && to <= span[1]);
      const marks = covering.filter(({ finding }) => !isFact(finding));
      let nodes = inner;
      // A key fact often spans half a sentence: it is shown only when the checklist points at it.
      if (covering.length > marks.length) {
        nodes = [el("span", { class: "fact-place" }, nodes)];
        nodes[0].findings = covering.map(({ finding }) => finding).filter(isFact);
      }
      if (marks.length) {
        const worst = ["error", "warning", "ok"].find((severity) => marks.some(({ finding }) => finding.severity === severity)) || "ok";
        const first = marks.some(({ finding }) => !begun.has(finding.id));
        for (const { finding } of marks) begun.add(finding.id);
        nodes = [el("span", { class: `f ${worst}`, tabindex: first ? "0" : null, role: first ? "button" : null, "data-where": marks[0].where }, nodes)];
        nodes[0].findings = marks.map(({ finding }) => finding);
      }
      return nodes;
    });
  }
  function cuts(from, to, ranges) {
    const edges = new Set([from, to]);
    for (const range of ranges) for (const edge of range) if (edge > from && edge < to) edges.add(edge);
    const order = [...edges].sort((a, b) => a - b);
    return order.slice(1).map((end, k) => [order[k], end]);
  }

  // -- the explanation of a mark ----------------------------------------------------------------------------------------

  const tip = byId("tip");

  // A fact of the checklist highlights its spans in the source and the output.
  function point(target, on) {
    const item = target instanceof Element ? target.closest(".fact") : null;
    if (!item) return;
    for (const place of all(".fact-place", item.closest(".segment"))) {
      const here = place.findings.find((finding) => finding.id === item.dataset.finding);
      if (!here) continue;
      place.classList.toggle("on", on);
      place.classList.toggle(here.severity, on);
      if (on) reveal(place);
    }
  }
  function reveal(place) {
    const panel = place.closest(".source");
    if (panel && panel.scrollHeight > panel.clientHeight) panel.scrollTop = place.offsetTop - panel.clientHeight / 2;
  }
  for (const [name, on] of [["pointerover", true], ["focusin", true], ["pointerout", false], ["focusout", false]]) room.addEventListener(name, (event) => point(event.target, on));
  let current = null;
  let waiting = 0;

  function explain(mark) {
    clearTimeout(waiting);
    if (current === mark || !reader.findings) return;
    forget();
    current = mark;
    const ids = new Set(mark.findings.map((finding) => finding.id));
    for (const other of all(".f", mark.closest(".segment"))) {
      if (!other.findings || !other.findings.some((finding) => ids.has(finding.id))) continue;
      other.classList.add("on");
      if (other !== mark) reveal(other);
    }
    const many = mark.dataset.where === "source" && reader.systems.length > 1;
    tip.replaceChildren(...mark.findings.map((finding) => el("p", {}, `${ICONS[finding.severity] || "·"} `,
      many && el("span", { class: "of" }, bdi(reader.task.systems[finding.system]), ": "), finding.message, el("span", { class: "of" }, ` · ${reader.task.metrics[finding.metric].label}`))));
    tip.hidden = false;
    mark.setAttribute("aria-describedby", "tip");
    place();
  }
  function place() {
    const box = current.getClientRects()[0] || current.getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, box.left), document.documentElement.clientWidth - size.width - 8);
    const below = box.bottom + 8 + size.height < window.innerHeight;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${below ? box.bottom + 6 : Math.max(8, box.top - size.height - 6)}px`;
  }
  function forget() {
    if (current) current.removeAttribute("aria-describedby");
    for (const mark of all(".f.on", room)) mark.classList.remove("on");
    tip.hidden = true;
    current = null;
  }
  const markOf = (target) => (target instanceof Element ? target.closest(".f") : null);
  room.addEventListener("pointerover", (event) => { const mark = markOf(event.target); if (mark && mark.findings) explain(mark); });
  room.addEventListener("pointerout", (event) => { if (markOf(event.target)) waiting = setTimeout(forget, 150); });
  tip.addEventListener("pointerenter", () => clearTimeout(waiting));
  tip.addEventListener("pointerleave", forget);
  room.addEventListener("focusin", (event) => { const mark = markOf(event.target); if (mark && mark.findings) explain(mark); });
  room.addEventListener("focusout", (event) => { if (markOf(event.target)) forget(); });
  addEventListener("scroll", () => { if (current) place(); }, { passive: true });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") forget();
    const typing = event.target instanceof Element && event.target.closest("input, select, textarea");
    if (room.hidden || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "n") nextProblem(1);
    if (event.key === "p") nextProblem(-1);
  });
  document.addEventListener("click", (event) => {
    for (const details of all("details.pick[open]")) if (!details.contains(event.target)) details.open = false;
  });

  // Steps through the problems of the whole task: past the last one of an article, the next article with a problem opens.
  function nextProblem(by) {
    if (reader.made < reader.rows.length) makeRows(reader.rows.length);
    const problems = all(".f.warning[tabindex], .f.error[tabindex], .notes li, .facts li", reader.body)
      .filter((node) => node.matches(".f") ? node.dataset.where === "output" : !node.querySelector(".icon.ok") && !all(".f", node.closest(".side")).some((mark) => mark.findings && mark.findings.some((f) => f.id === node.dataset.finding)));
    // A click moves the focus to the button, so the place is remembered here.
    const at = problems.indexOf(reader.problem);
    const next = at < 0 ? (by > 0 ? 0 : problems.length - 1) : at + by;
    if (problems[next]) {
      visit(problems[next]);
      return;
    }
    const other = problemArticle(by);
    if (other === reader.article && problems.length) visit(problems[by > 0 ? 0 : problems.length - 1]);
    else if (other === null || other === reader.article) say("No problem in the systems shown");
    else {
      reader.arrive = by;
      location.hash = linkTo(reader.task.name, other.id, reader.systems.map((i) => reader.task.systems[i]));
      // The event "hashchange" comes later; the focus must be in the next article when the click ends.
      follow();
    }
  }
  function visit(node) {
    reader.problem = node;
    if (!node.hasAttribute("tabindex")) node.tabIndex = -1;
    node.focus({ preventScroll: true });
    node.scrollIntoView({ behavior: "instant", block: "center" });
  }
  // The nearest article in one direction, round the end, with a problem in the systems shown.
  function problemArticle(by) {
    const readable = reader.task.articles.filter((one) => one.texts);
    const here = readable.indexOf(reader.article);
    for (let step = 1; step <= readable.length; step += 1) {
      const one = readable[(here + by * step + readable.length * step) % readable.length];
      if (texts(one.texts).segments.some((segment) => (segment.findings || []).some(isProblem))) return one;
    }
    return null;
  }

  // -- where we are -----------------------------------------------------------------------------------------------------

  // Show what the address names, once for each address: a step to the next article does it before the event comes.
  function follow() {
    if (location.hash === document.body.dataset.address) return;
    route(false);
    hints();
  }
  function route(first) {
    document.body.dataset.address = location.hash;
    const { task: name, article: wanted, systems, segment } = readLink();
    let task = model.tasks.find((one) => one.name === name);
    if (!task && !first && location.hash === "#main") return;
    task = task || model.tasks[0];
    const article = wanted === null ? null : task.articles.find((one) => one.id === wanted && one.texts);
    const reading = Boolean(article);
    forget();
    model.tasks.forEach((one, i) => { overviews[i].root.hidden = reading || one !== task; });
    room.hidden = !reading;
    document.body.dataset.view = reading ? "reading" : "overview";
    for (const tab of all(".tasks a")) {
      if (tab.dataset.task === task.key) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    if (reading) open(task, article, systems, segment);
    else room.replaceChildren();
    if (wanted !== null && !reading) say("These texts are not in this page");
    if (!first && !(reading && reader.problem)) {
      const title = reading ? byId("reading-title") : byId(`${task.key}-title`);
      title.focus({ preventScroll: true });
    }
    if (segment === null && (!first || reading) && !(reading && reader.problem)) scrollTo({ top: 0, behavior: "instant" });
  }
  function hints() {
    for (const wide of all(".scroll")) {
      const hint = wide.nextElementSibling;
      if (hint && hint.classList.contains("hint")) hint.hidden = wide.scrollWidth <= wide.clientWidth + 4;
    }
  }
  addEventListener("resize", hints);
  document.addEventListener("change", hints);
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => { if (!room.hidden && reader.rows.length <= 400) makeRows(reader.rows.length); });
  route(true);
  hints();
})();
