// The audits of graphql-http against one address, as JSON: `node audit.mjs http://127.0.0.1:8000/graphql`.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: process.argv[2] });
const told = results.map(({ id, name, status, reason }) => ({ id, name, status, reason }));
console.log(JSON.stringify(told));
