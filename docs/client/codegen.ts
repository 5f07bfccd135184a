import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: process.env.SCHEMA ?? "../../schema/schema.graphql",
  documents: ["src/*.ts"],
  generates: {
    "src/gql/": {
      preset: "client",
      // Documents go by their sha256; `persisted-documents.json` is the service's manifest.
      presetConfig: {
        fragmentMasking: false,
        persistedDocuments: { mode: "embedHashInDocument", hashAlgorithm: "sha256" },
      },
      config: {
        documentMode: "string",
        enumsAsTypes: true,
        strictScalars: true,
        useTypeImports: true,
        emitLegacyCommonJSImports: false,
        scalars: {
          Date: "string",
          DateTime: "string",
          Decimal: { input: "string | number", output: "string" },
          Position: "string",
          JSON: "unknown",
        },
      },
    },
  },
};

export default config;
