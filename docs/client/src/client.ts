// Asks the service by the documents that this program was built with.
import type { TypedDocumentString } from "./gql/graphql.js";

export interface Service {
  url: string;
  /** A token of the bank's sign-in, or an API key; none where the service is on this machine. */
  token?: string;
  /** Of labels and sentences. */
  language?: "zh" | "en";
}

/** What the service could not do; `code` is one of those in docs/api.md. */
export class ServiceError extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly path?: readonly (string | number)[],
  ) {
    super(message);
  }
}

interface Answer<Result> {
  data?: Result | null;
  errors?: {
    message: string;
    path?: (string | number)[];
    extensions?: { code?: string };
  }[];
}

export async function ask<Result, Variables>(
  service: Service,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const hash = document.__meta__?.["hash"];
  if (typeof hash !== "string") throw new TypeError("The document was not generated with its hash.");
  const response = await fetch(service.url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json",
      "Accept-Language": service.language ?? "zh",
      ...(service.token === undefined ? {} : { Authorization: `Bearer ${service.token}` }),
    },
    body: JSON.stringify({ documentId: hash, variables }),
  });
  const answer = (await response.json()) as Answer<Result>;
  const error = answer.errors?.[0];
  if (error) throw new ServiceError(error.message, error.extensions?.code ?? "", error.path);
  if (!answer.data) throw new ServiceError("The answer is empty.", "EMPTY");
  return answer.data;
}
