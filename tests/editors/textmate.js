// The TextMate grammar without an engine: the JSON files parse, every include resolves, every pattern compiles and the patterns of
// the words match, and do not match, what they should.
const fs = require('fs');
const path = require('path');

const folder = process.argv[2];
const read = (name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
const manifest = read('package.json');
read('language-configuration.json');
const grammar = read(manifest.contributes.grammars[0].path);

const failures = [];
const rules = [];
(function walk(rule) {
  rules.push(rule);
  (rule.patterns || []).forEach(walk);
})({ patterns: Object.values(grammar.repository) });
for (const rule of rules) {
  for (const key of ['match', 'begin', 'end']) {
    if (rule[key] === undefined) continue;
    try {
      new RegExp(rule[key], 'u');
    } catch (error) {
      failures.push(`${rule[key]}: ${error.message}`);
    }
  }
  if (rule.include && !(rule.include.slice(1) in grammar.repository)) failures.push(`${rule.include} is not in the repository`);
}

const cases = [
  ['keyword.other.statement.nel', ['let', 'fn'], ['letter', 'xfn']],
  ['keyword.other.command.nel', ['train m', 'sweep a'], ['trained', 'on_']],
  ['keyword.other.clause.nel', ['when x', 'at busiest', 'else undo'], ['when = 3', 'at)']],
  ['support.type.element.nel', ['relu(8)', 'leaky_relu'], ['relux']],
  ['constant.numeric.nel', ['60_000', '1e-3', '5%', '2.5'], ['x']],
  ['constant.language.nel', ['true', 'none'], ['nonesuch']],
  ['keyword.operator.nel', ['->', '|>', '=>', '..'], ['a']],
  ['variable.parameter.pattern.nel', ['?a'], ['a?']],
  ['comment.line.documentation.nel', ['## a'], ['# a']],
  ['constant.character.escape.nel', ['\\n', '\\u{e9}', '\\{'], ['\\q']],
];
for (const [name, matching, other] of cases) {
  const rule = rules.find((one) => one.name === name);
  if (!rule) {
    failures.push(`${name} is missing`);
    continue;
  }
  const pattern = new RegExp(rule.match, 'u');
  matching.filter((text) => !pattern.test(text)).forEach((text) => failures.push(`${name} does not match ${text}`));
  other.filter((text) => pattern.test(text)).forEach((text) => failures.push(`${name} matches ${text}`));
}

failures.forEach((failure) => console.error(failure));
process.exit(failures.length ? 1 : 0);
