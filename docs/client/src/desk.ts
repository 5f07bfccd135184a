// A case desk in a terminal: the open cases that are due first, and the precedents of the first.
import { ask, ServiceError, type Service } from "./client.js";
import { graphql } from "./gql/index.js";

const Worklist = graphql(`
  query Worklist($first: Int!) {
    viewer {
      name
    }
    complaints(filter: { statuses: [REGISTERED, DISPATCHED, INVESTIGATING] }, orderBy: DUE_ASC, first: $first) {
      totalCount
      nodes {
        id
        reference
        dueAt
        level
        product {
          label
        }
      }
    }
  }
`);

const CaseDesk = graphql(`
  query CaseDesk($id: ID!) {
    node(id: $id) {
      ... on Complaint {
        reference
        narrative
        precedents(first: 3) {
          reach
          case {
            outcome
            remedy
          }
          explanation {
            summary
          }
        }
      }
    }
  }
`);

const Comment = graphql(`
  mutation Comment($input: CommentComplaintInput!) {
    commentComplaint(input: $input) {
      errors {
        code
        message
      }
      complaint {
        events(first: 50) {
          nodes {
            kind
            note
          }
        }
      }
    }
  }
`);

const service: Service = {
  url: process.argv[2] ?? "http://127.0.0.1:8000/graphql",
  token: process.env.TOKEN,
  language: "en",
};

try {
  const { viewer, complaints } = await ask(service, Worklist, { first: 5 });
  const nodes = complaints?.nodes ?? [];
  console.log(`${viewer?.name}: ${complaints?.totalCount} open`);
  for (const each of nodes) {
    console.log(`  ${each.reference}  ${each.level}  ${each.product?.label ?? "-"}`);
  }
  const first = nodes[0];
  if (first) {
    const { node } = await ask(service, CaseDesk, { id: first.id });
    if (node && "reference" in node) {
      console.log(`${node.reference}: ${node.narrative ?? "no text"}`);
      for (const each of node.precedents ?? []) {
        console.log(`  ${each.reach}  ${each.case?.outcome ?? "-"}  ${each.explanation.summary}`);
      }
    }
    const input = { complaint: first.id, note: "seen at the desk" };
    const { commentComplaint } = await ask(service, Comment, { input });
    const problem = commentComplaint?.errors[0];
    const last = commentComplaint?.complaint?.events?.nodes.at(-1);
    console.log(problem ? `${problem.code}: ${problem.message}` : `${last?.kind}: ${last?.note}`);
  }
} catch (error) {
  if (!(error instanceof ServiceError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
