"use strict";

// What this service adds to GraphiQL: how it is asked, and its example queries.

(() => {
  // A dialog of GraphiQL adds a style element, which the page's policy takes with its nonce only.
  window.__webpack_nonce__ = document.currentScript.nonce;

  const { createElement, useEffect, useRef } = React;
  const { GraphQL } = GraphiQL;
  const notice = document.getElementById("notice");

  function say(text) {
    notice.textContent = text;
    notice.hidden = !text;
  }

  // ---- asking ----------------------------------------------------------------------------

  /** The answer as JSON, and what a refusal says. */
  async function ask(path, options) {
    let answer;
    try {
      answer = await fetch(path, { credentials: "same-origin", ...options });
    } catch (error) {
      throw told(new Error(`The service does not answer: ${error.message}`));
    }
    const text = await answer.text();
    let body;
    try {
      body = JSON.parse(text);
    } catch (error) {
      throw told(new Error(`HTTP ${answer.status}, and not as this API answers: ${error.message}`));
    }
    const refused = !answer.ok && body.errors;
    const messages = refused ? body.errors.map((each) => each.message) : [];
    return { body, refusal: refused ? `${answer.status}: ${messages.join(" ")}` : "" };
  }

  function told(error) {
    say(error.message);
    return error;
  }

  function sent(typed) {
    const headers = new Headers({ Accept: "application/json", "Content-Type": "application/json" });
    for (const [name, value] of Object.entries(typed || {})) headers.set(name, value);
    return headers;
  }

  function post(params, typed) {
    return ask("/graphql", { method: "POST", headers: sent(typed), body: JSON.stringify(params) });
  }

  async function run(params, typed) {
    const { body, refusal } = await post(params, typed);
    say(refusal);
    return body;
  }

  /** The schema; where introspection is refused (known documents only), from its text. */
  async function introspect(params, typed) {
    const { body, refusal } = await post(params, typed);
    if (body.data) return body;
    const text = await fetch("/schema.graphql", { credentials: "same-origin", headers: sent(typed) });
    if (!text.ok) {
      say(refusal);
      return body;
    }
    const schema = GraphQL.buildSchema(await text.text());
    return { data: GraphQL.introspectionFromSchema(schema) };
  }

  /**
   * The operation to run. GraphiQL names it a moment after its text has changed: a name that the
   * text does not have is of the text before, and is not sent.
   */
  function operationOf(query, operationName) {
    let document;
    try {
      document = GraphQL.parse(query);
    } catch (error) {
      if (error instanceof GraphQL.GraphQLError) return {}; // The service says what is wrong.
      throw error;
    }
    return GraphQL.getOperationAST(document, operationName) || GraphQL.getOperationAST(document) || {};
  }

  function fetcher({ operationName, ...rest }, { headers } = {}) {
    const { name, operation } = operationOf(rest.query, operationName);
    const params = name ? { ...rest, operationName: name.value } : rest;
    if (params.operationName === "IntrospectionQuery") return introspect(params, headers);
    return operation === "subscription" ? follow(params, headers) : run(params, headers);
  }

  // ---- following -------------------------------------------------------------------------

  /** Browsers set no headers on a websocket, so that its first message says these. */
  const SAID = {
    authorization: "authorization",
    "accept-language": "acceptLanguage",
    "x-purpose-of-use": "purposeOfUse",
  };

  /** An observable of what a subscription tells, over a connection of its own. */
  function follow(params, typed) {
    const connectionParams = {};
    for (const [name, value] of sent(typed)) {
      if (SAID[name]) connectionParams[SAID[name]] = value;
    }
    const url = `${location.origin.replace(/^http/, "ws")}/graphql`;
    return {
      subscribe(observer) {
        say("");
        const client = graphqlWs.createClient({ url, connectionParams, retryAttempts: 0 });
        const unsubscribe = client.subscribe(params, {
          next: (message) => observer.next(message),
          complete: () => observer.complete(),
          error: (error) => {
            // The protocol's own errors are those of GraphQL, as a list.
            if (Array.isArray(error)) observer.next({ errors: error });
            else observer.error(told(new Error(ended(error))));
            observer.complete();
          },
        });
        return { unsubscribe };
      },
    };
  }

  function ended(error) {
    if (!(error instanceof CloseEvent)) return `The connection failed: ${error.message}`;
    return `The connection ended: ${error.reason || `code ${error.code}`}.`;
  }

  // ---- what the browser keeps ------------------------------------------------------------

  /** localStorage, less what the headers editor holds: tokens are not kept. */
  function storage() {
    const kept = GraphiQL.createLocalStorage({ namespace: "complaint-graph" });
    const setItem = kept.setItem;
    const histories = new Set(["graphiql:queries", "graphiql:favorites"]);
    const without = (key, value) => (key === "headers" ? undefined : value);
    kept.setItem = (name, value) =>
      setItem(name, histories.has(name) ? JSON.stringify(JSON.parse(value), without) : value);
    return kept;
  }

  // ---- examples --------------------------------------------------------------------------

  function plugin(examples) {
    const queries = new Set(examples.map((example) => example.query));

    function Examples() {
      const { addTab, queryEditor, variableEditor } = GraphiQL.React.useEditorContext({ nonNull: true });
      function open(query) {
        const present = queryEditor.getValue();
        // What somebody has typed stays in its tab.
        if (present.trim() && !queries.has(present)) ReactDOM.flushSync(addTab);
        queryEditor.setValue(query);
        variableEditor?.setValue("");
        queryEditor.focus();
      }
      const item = ({ title, query }) =>
        createElement(
          "li",
          { key: title },
          createElement("button", { type: "button", onClick: () => open(query) }, title),
        );
      return createElement(
        "section",
        { "aria-label": "Example queries" },
        createElement("div", { className: "graphiql-doc-explorer-title" }, "Examples"),
        createElement("ul", { className: "examples" }, examples.map(item)),
      );
    }

    const lines = "M3 5h2M8 5h13M3 12h2M8 12h13M3 19h2M8 19h13";
    function Icon() {
      const icon = useRef(null);
      // GraphiQL begins with its panel closed, whatever it is told.
      useEffect(() => icon.current.closest("button").click(), []);
      return createElement(
        "svg",
        { ref: icon, viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 1.5 },
        createElement("path", { d: lines }),
      );
    }
    return { title: "Examples", icon: Icon, content: Examples };
  }

  // ---- start -----------------------------------------------------------------------------

  async function start() {
    const { body, refusal } = await ask("/examples.json");
    say(refusal);
    const examples = refusal ? [] : body;
    const logo = createElement(
      GraphiQL.Logo,
      null,
      createElement("a", { className: "graphiql-logo-link", href: "/" }, "complaint-graph"),
    );
    const options = {
      fetcher,
      defaultQuery: examples.length ? examples[0].query : "",
      defaultEditorToolsVisibility: true,
      plugins: [plugin(examples)],
      shouldPersistHeaders: false,
      storage: storage(),
    };
    const page = ReactDOM.createRoot(document.getElementById("page"));
    page.render(createElement(GraphiQL, options, logo));
  }

  start();
})();
