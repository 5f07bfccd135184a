"use strict";

// A query page of our own: it loads nothing from elsewhere and keeps nothing of what is typed.

const element = (id) => document.getElementById(id);
const query = element("query");
const variables = element("variables");
const result = element("result");
const status = element("status");

const TOKEN =
  /#[^\n]*|"""[\s\S]*?(?:"""|$)|"(?:\\.|[^"\\\n])*"?|\.\.\.|\$\w+|[A-Za-z_]\w*|-?\d[\w.+-]*|[{}()[\]:!=@|&,]/g;

// ---- asking ------------------------------------------------------------------------------

async function ask(document, values, operationName) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query: document, variables: values, operationName }),
  });
  return answer.json();
}

async function run() {
  if (followed) return stop();
  let values;
  try {
    values = JSON.parse(variables.value.trim() || "{}");
  } catch (error) {
    result.textContent = `The variables are not JSON: ${error.message}`;
    return;
  }
  const name = operationAt(query.selectionStart);
  if (kindOf(name) === "subscription") return follow(query.value, values, name);
  status.textContent = "running …";
  const started = performance.now();
  try {
    const answer = await ask(query.value, values, name);
    const cost = answer.extensions && answer.extensions.graph;
    const spent = `${Math.round(performance.now() - started)} ms`;
    status.textContent = cost ? `${spent} · ${cost.queries} statements` : spent;
    result.replaceChildren(...painted(JSON.stringify(answer, null, 2), paintJson));
  } catch (error) {
    status.textContent = "";
    result.textContent = `The service does not answer: ${error.message}`;
  }
}

/** The name of the operation around a position, if the document has several. */
function operationAt(position) {
  const starts = [...query.value.matchAll(/^\s*(?:query|mutation|subscription)\s+(\w+)/gm)];
  if (starts.length < 2) return undefined;
  const before = starts.filter((found) => found.index <= position);
  return (before.length ? before[before.length - 1] : starts[0])[1];
}

/** query, mutation or subscription: what the operation of this name (or the only one) is. */
function kindOf(name) {
  const bare = query.value.replace(/#[^\n]*|"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"/g, "");
  const found = [...bare.matchAll(/\b(query|mutation|subscription)\b\s*(\w*)/g)];
  const wanted = name ? found.find((each) => each[2] === name) : found[0];
  return wanted ? wanted[1] : "query";
}

// ---- following ---------------------------------------------------------------------------

/** Messages of a subscription that the page keeps; older ones make room. */
const SHOWN = 200;
let followed = null;

/** By graphql-transport-ws: one connection for one subscription, ended by the button. */
function follow(text, values, operationName) {
  const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws");
  let heard = 0;
  followed = socket;
  element("run").textContent = "Stop";
  status.textContent = "connecting …";
  result.replaceChildren();
  const say = (message) => socket.send(JSON.stringify(message));
  const payload = { query: text, variables: values, operationName };
  socket.onopen = () => say({ type: "connection_init" });
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "ping") say({ type: "pong" });
    if (message.type === "connection_ack") {
      say({ id: "1", type: "subscribe", payload });
      status.textContent = "following: nothing has happened yet";
    }
    if (message.type === "next") {
      heard += 1;
      status.textContent = `following: ${heard} messages`;
      tell(message.payload);
    }
    if (message.type === "error") tell({ errors: message.payload });
    if (message.type === "error" || message.type === "complete") stop();
  };
  socket.onclose = (event) => {
    if (followed !== socket) return;
    stop();
    status.textContent = `the connection ended${event.reason ? `: ${event.reason}` : ""}`;
  };
}

/** The newest message on top. */
function tell(payload) {
  const entry = document.createElement("div");
  entry.append(...painted(`${JSON.stringify(payload, null, 2)}\n`, paintJson));
  result.prepend(entry);
  while (result.childElementCount > SHOWN) result.lastElementChild.remove();
}

function stop() {
  const socket = followed;
  followed = null;
  socket.close(1000);
  element("run").textContent = "Run";
  status.textContent = status.textContent.replace("following", "ended");
}

// ---- colours -----------------------------------------------------------------------------

function painted(text, kindOf, pattern = TOKEN) {
  const parts = [];
  let last = 0;
  for (const found of text.matchAll(pattern)) {
    const kind = kindOf(found[0], text, found.index);
    if (!kind) continue;
    parts.push(text.slice(last, found.index));
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = found[0];
    parts.push(span);
    last = found.index + found[0].length;
  }
  parts.push(text.slice(last));
  return parts;
}

const KEYWORDS = new Set(["query", "mutation", "subscription", "fragment", "on", "true", "false", "null"]);

function paintQuery(token) {
  if (token[0] === "#") return "note";
  if (token[0] === '"') return "text";
  if (token[0] === "$" || /^[A-Z]/.test(token)) return "number";
  if (/^-?\d/.test(token)) return "number";
  return KEYWORDS.has(token) ? "word" : "";
}

function paintJson(token, text, at) {
  if (token[0] === '"') return text[at + token.length] === ":" ? "key" : "text";
  if (/^-?\d/.test(token)) return "number";
  return KEYWORDS.has(token) ? "word" : "";
}

function repaint() {
  element("paint").replaceChildren(...painted(query.value + "\n", paintQuery));
  element("paint").scrollTop = query.scrollTop;
}

// ---- the schema --------------------------------------------------------------------------

const INTROSPECTION = `query Schema { __schema {
  queryType { name } mutationType { name } subscriptionType { name }
  types { kind name description
    fields { name description args { ...Input } type { ...Ref } }
    inputFields { ...Input }
    enumValues { name description }
    possibleTypes { name } } } }
fragment Input on __InputValue { name description defaultValue type { ...Ref } }
fragment Ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`;

const types = new Map();
const roots = { query: "Query", mutation: "Mutation", subscription: "Subscription" };

const written = (type) =>
  type.kind === "NON_NULL" ? `${written(type.ofType)}!`
    : type.kind === "LIST" ? `[${written(type.ofType)}]` : type.name;
const named = (type) => (type.ofType ? named(type.ofType) : type.name);

async function learn() {
  const answer = await ask(INTROSPECTION, {});
  const schema = answer.data.__schema;
  for (const type of schema.types) types.set(type.name, type);
  roots.query = schema.queryType.name;
  roots.mutation = schema.mutationType && schema.mutationType.name;
  roots.subscription = schema.subscriptionType && schema.subscriptionType.name;
  show([]);
}

// ---- documentation -----------------------------------------------------------------------

let trail = [];

function link(text, onclick) {
  const button = document.createElement("button");
  button.className = "link";
  button.textContent = text;
  button.addEventListener("click", onclick);
  return button;
}

function entry(list, title, type, description, kind = "") {
  const term = document.createElement("dt");
  term.append(title ? `${title}${type ? ": " : ""}` : "");
  if (type) term.append(link(written(type), () => show([...trail, named(type)])));
  const told = document.createElement("dd");
  told.textContent = description || "";
  term.className = told.className = kind;
  list.append(term, told);
}

function fieldEntry(list, field) {
  entry(list, field.name, field.type, field.description);
  for (const given of field.args || []) {
    const preset = given.defaultValue === null ? "" : ` = ${given.defaultValue}`;
    entry(list, `${given.name}${preset}`, given.type, given.description, "argument");
  }
}

/** Show the type at the end of the path; the roots for an empty one. */
function show(path) {
  trail = path;
  const crumbs = [link("Schema", () => show([]))];
  path.forEach((name, i) => crumbs.push(" › ", link(name, () => show(path.slice(0, i + 1)))));
  element("trail").replaceChildren(...crumbs);
  const list = document.createElement("dl");
  if (!path.length) {
    for (const root of [roots.query, roots.mutation, roots.subscription].filter(Boolean)) {
      entry(list, "", { kind: "OBJECT", name: root }, types.get(root).description);
      for (const field of types.get(root).fields) fieldEntry(list, field);
    }
    element("page").replaceChildren(list);
    return;
  }
  const type = types.get(path[path.length - 1]);
  const title = document.createElement("h2");
  title.textContent = type.name;
  const told = document.createElement("p");
  told.textContent = type.description || "";
  for (const field of type.fields || type.inputFields || []) fieldEntry(list, field);
  for (const value of type.enumValues || []) entry(list, value.name, null, value.description);
  element("page").replaceChildren(title, told, list);
}

function search(text) {
  if (!text) return show(trail);
  const wanted = text.toLowerCase();
  const list = document.createElement("dl");
  for (const type of types.values()) {
    if (type.name.startsWith("__")) continue;
    const inner = type.fields || type.inputFields || [];
    const hits = inner.filter((field) => field.name.toLowerCase().includes(wanted));
    if (!hits.length && !type.name.toLowerCase().includes(wanted)) continue;
    entry(list, "", { kind: type.kind, name: type.name }, type.description);
    for (const field of hits) entry(list, field.name, field.type, field.description, "argument");
  }
  element("page").replaceChildren(list);
}

// ---- suggestions -------------------------------------------------------------------------

/** What may stand at the end of a piece of a document: [{name, note}]. */
function expected(text) {
  const stack = []; // selections {fields of}, arguments (of), objects {input fields of}
  let pending = types.get(roots.query);
  let last = null; // the field or input value just named
  let colon = false;
  let previous = "";
  for (const [token] of text.matchAll(TOKEN)) {
    if (token[0] === "#") continue;
    const top = stack[stack.length - 1];
    if (token === "{") {
      const value = top && top.kind !== "selection";
      const type = value ? last && types.get(named(last.type)) : pending;
      stack.push({ kind: value ? "object" : "selection", type });
      last = null;
      colon = false;
    } else if (token === "(") {
      stack.push({ kind: "arguments", args: (last && last.args) || [] });
      last = null;
    } else if (token === "}" || token === ")") {
      stack.pop();
      colon = false;
      last = null;
    } else if (token === ":") {
      colon = true;
    } else if (/^[A-Za-z_]/.test(token)) {
      if (!stack.length) {
        if (token === "mutation") pending = types.get(roots.mutation);
        if (token === "query") pending = types.get(roots.query);
        if (token === "subscription") pending = types.get(roots.subscription);
        if (previous === "on") pending = types.get(token);
      } else if (previous === "on") {
        pending = types.get(token);
      } else if (top.kind === "selection") {
        last = ((top.type && top.type.fields) || []).find((field) => field.name === token) || null;
        pending = last ? types.get(named(last.type)) : null;
      } else if (colon) {
        colon = false;
      } else {
        last = inputs(top).find((given) => given.name === token) || null;
      }
    } else if (colon && /^["\d$-]/.test(token)) {
      colon = false;
    }
    previous = token;
  }
  const top = stack[stack.length - 1];
  if (!top) return ["query", "mutation", "subscription", "fragment"].map((name) => ({ name }));
  if (previous === "..." || previous === "on") return fragmentTypes(top);
  if (top.kind === "selection") return told((top.type && top.type.fields) || []);
  if (!colon) return told(inputs(top));
  const type = last && types.get(named(last.type));
  if (type && type.kind === "ENUM") return type.enumValues.map((v) => ({ name: v.name }));
  return type && type.name === "Boolean" ? [{ name: "true" }, { name: "false" }] : [];
}

const inputs = (top) => (top.kind === "arguments" ? top.args : (top.type && top.type.inputFields) || []);
const told = (fields) => fields.map((field) => ({ name: field.name, note: written(field.type) }));
const fragmentTypes = (top) =>
  ((top.type && top.type.possibleTypes) || []).map((type) => ({ name: `on ${type.name}` }));

const suggestions = element("suggestions");
let chosen = 0;

function suggest(asked) {
  const before = query.value.slice(0, query.selectionStart);
  const word = /\w*$/.exec(before)[0];
  const inside = /"[^"\n]*$/.test(before.replace(/"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"/g, ""));
  if (inside || /#[^\n]*$/.test(before) || (!asked && !word)) return hide();
  const found = expected(before.slice(0, before.length - word.length))
    .filter((option) => option.name.toLowerCase().startsWith(word.toLowerCase()))
    .filter((option) => asked || option.name !== word)
    .slice(0, 60);
  if (!found.length) return hide();
  chosen = 0;
  suggestions.replaceChildren(...found.map((option, i) => item(option, i, word)));
  suggestions.style.left = `${Math.min(caret().left, query.clientWidth - 240)}px`;
  suggestions.style.top = `${caret().top + 22}px`;
  suggestions.hidden = false;
}

function item(option, number, word) {
  const line = document.createElement("li");
  const note = document.createElement("span");
  note.className = "note";
  note.textContent = option.note ? `  ${option.note}` : "";
  line.append(option.name, note);
  line.className = number === chosen ? "chosen" : "";
  line.dataset.rest = option.name.slice(word.length);
  line.addEventListener("mousedown", (event) => {
    event.preventDefault();
    accept(line);
  });
  return line;
}

/** Where the caret stands, measured on the painted copy of the text. */
function caret() {
  const copy = document.createElement("pre");
  const mark = document.createElement("span");
  copy.className = "paint hidden";
  copy.append(query.value.slice(0, query.selectionStart), mark);
  query.parentNode.append(copy);
  const place = { left: mark.offsetLeft, top: mark.offsetTop - query.scrollTop };
  copy.remove();
  return place;
}

function hide() {
  suggestions.hidden = true;
}

function accept(line) {
  insert(line.dataset.rest);
  hide();
}

function move(step) {
  const lines = [...suggestions.children];
  lines[chosen].className = "";
  chosen = (chosen + step + lines.length) % lines.length;
  lines[chosen].className = "chosen";
  lines[chosen].scrollIntoView({ block: "nearest" });
}

// ---- editing -----------------------------------------------------------------------------

function insert(text) {
  query.setRangeText(text, query.selectionStart, query.selectionEnd, "end");
  repaint();
}

function tidy() {
  let depth = 0;
  query.value = query.value
    .split("\n")
    .map((line) => {
      const bare = line.trim();
      const code = bare.replace(/#.*$|"(?:\\.|[^"\\])*"/g, "");
      const closing = /^[})\]]+/.exec(code);
      const indent = Math.max(0, depth - (closing ? closing[0].length : 0));
      depth += (code.match(/[{([]/g) || []).length - (code.match(/[})\]]/g) || []).length;
      return bare ? "  ".repeat(indent) + bare : "";
    })
    .join("\n");
  repaint();
}

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") return done(event, run);
  if (event.ctrlKey && event.key === " ") return done(event, () => suggest(true));
  if (!suggestions.hidden) {
    if (event.key === "ArrowDown") return done(event, () => move(1));
    if (event.key === "ArrowUp") return done(event, () => move(-1));
    if (event.key === "Escape") return done(event, hide);
    if (event.key === "Enter" || event.key === "Tab")
      return done(event, () => accept(suggestions.children[chosen]));
  }
  if (event.key === "Tab" && !event.shiftKey) return done(event, () => insert("  "));
  if (event.key === "Enter") {
    const line = query.value.slice(0, query.selectionStart).split("\n").pop();
    const deeper = /[{(]\s*$/.test(line) ? "  " : "";
    return done(event, () => insert(`\n${/^\s*/.exec(line)[0]}${deeper}`));
  }
  return undefined;
}

function done(event, action) {
  event.preventDefault();
  action();
}

// ---- start -------------------------------------------------------------------------------

async function start() {
  const found = await (await fetch("/examples.json")).json();
  for (const example of found) {
    const option = document.createElement("option");
    option.textContent = example.title;
    element("examples").append(option);
  }
  const load = () => {
    query.value = found[element("examples").selectedIndex].query;
    variables.value = "{}";
    repaint();
  };
  element("examples").addEventListener("change", load);
  load();
  await learn();
}

query.addEventListener("input", () => {
  repaint();
  suggest(false);
});
query.addEventListener("scroll", repaint);
query.addEventListener("keydown", onKey);
query.addEventListener("blur", hide);
variables.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") done(event, run);
});
element("run").addEventListener("click", run);
element("tidy").addEventListener("click", tidy);
element("find").addEventListener("input", (event) => search(event.target.value.trim()));
element("docs-toggle").addEventListener("click", (event) => {
  const narrow = document.querySelector("main").classList.toggle("narrow");
  event.target.setAttribute("aria-expanded", String(!narrow));
});
start().catch((error) => {
  status.textContent = `The service does not answer: ${error.message}`;
});
