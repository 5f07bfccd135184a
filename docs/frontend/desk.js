// A case desk of another origin than the service's: fetch, and nothing else.
const service = new URLSearchParams(location.search).get("service") ?? "http://127.0.0.1:8000";

async function ask(query, variables = {}) {
  const answer = await fetch(`${service}/graphql`, {
    method: "POST",
    credentials: "include", // the cookie of whoever has signed in at the service
    headers: { "Content-Type": "application/json", "Accept-Language": "en" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  // Parts that are not one's own are null, each with an error; the others are there.
  for (const error of errors ?? []) console.warn(error.extensions?.code, error.message);
  if (!data) throw new Error(errors[0].message);
  return data;
}

const LIST = `query List($after: String) {
  complaints(first: 10, after: $after, orderBy: DUE_ASC, filter: { statuses: [
    REGISTERED, CLASSIFIED, DISPATCHED, INVESTIGATING, REMEDY_PROPOSED, AGREED, REFUSED, REOPENED, REVIEW_REQUESTED] }) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { reference status level dueAt product { label } }
  }
}`;
const CASE = `query Case($reference: String!) {
  complaint(reference: $reference) {
    reference narrative
    course { allowedSteps { label } }
    precedents(first: 3) {
      token reach
      case { narrative outcome remedy }
      explanation { summary }
    }
  }
}`;
const RATE = `mutation Rate($input: RatePrecedentInput!) {
  ratePrecedent(input: $input) { errors { message path } }
}`;

const at = (id) => document.getElementById(id);
function element(name, text, ...children) {
  const made = document.createElement(name);
  made.textContent = text ?? ""; // never innerHTML: texts are what customers wrote
  made.append(...children);
  return made;
}

let cursor = null;
async function list() {
  const { complaints } = await ask(LIST, { after: cursor });
  for (const each of complaints.nodes) {
    const link = element("a", each.reference);
    link.href = `#${each.reference}`;
    const row = [element("td", "", link)];
    for (const cell of [each.status, each.level, each.dueAt?.slice(0, 10), each.product?.label])
      row.push(element("td", cell ?? "–"));
    at("cases").append(element("tr", "", ...row));
  }
  cursor = complaints.pageInfo.endCursor;
  at("more").hidden = !complaints.pageInfo.hasNextPage;
  at("more").textContent = `More (${at("cases").rows.length} of ${complaints.totalCount})`;
}

async function open() {
  const reference = decodeURIComponent(location.hash.slice(1));
  if (!reference) return;
  const { complaint } = await ask(CASE, { reference });
  if (!complaint) return at("case").replaceChildren(element("p", "There is no such case in your reach."));
  const steps = complaint.course.allowedSteps.map((step) => step.label).join(", ");
  at("case").replaceChildren(
    element("h2", complaint.reference),
    element("p", complaint.narrative ?? "Without a text."),
    element("p", `Next: ${steps || "nothing"}`),
    element("h3", "How alike cases were decided"),
    ...(complaint.precedents ?? []).map(precedent),
  );
}

function precedent({ token, case: decided, explanation }) {
  const useful = element("button", "Useful");
  useful.onclick = async () => {
    const input = { token, useful: true, idempotencyKey: crypto.randomUUID() };
    const { errors } = (await ask(RATE, { input })).ratePrecedent;
    useful.textContent = errors.length ? errors[0].message : "Kept";
    useful.disabled = errors.length === 0;
  };
  return element("section", "",
    element("p", decided.narrative ?? ""),
    element("p", `${decided.outcome}${decided.remedy ? ` (${decided.remedy})` : ""}: ${explanation.summary} `, useful));
}

const { viewer } = await ask(`{ viewer { name person roles method } }`);
at("who").textContent = viewer.method === "SESSION"
  ? `${viewer.name}, ${viewer.roles.join(", ")}`
  : `Nobody has signed in (${viewer.method}): open ${service}/personas or /sign-in, and come back.`;
at("more").onclick = list;
addEventListener("hashchange", open);
await list();
await open();
