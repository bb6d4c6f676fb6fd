// Which texts are sentences of which grammars by llama.cpp itself: reads [[GBNF, [text, ...]], ...] as JSON from standard
// input, writes [[true, ...], ...]; null where llama.cpp refuses the grammar.
import { getLlama, LlamaGrammar } from "node-llama-cpp";

const asked = [];
for await (const piece of process.stdin) asked.push(piece);
const llama = await getLlama({ gpu: false, build: "never", progressLogs: false });
const said = [];
for (const [grammar, texts] of JSON.parse(Buffer.concat(asked).toString("utf8"))) {
  try {
    const made = new LlamaGrammar(llama, { grammar, rootRuleName: "root" });
    said.push(texts.map((text) => made._testText(text)));
  } catch {
    said.push(null);
  }
}
process.stdout.write(JSON.stringify(said), () => process.exit(0));
