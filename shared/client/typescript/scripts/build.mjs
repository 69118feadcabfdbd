// Builds dist from nothing, because npm would pack a file of an earlier build. Only the
// declarations have comments, and a tab stands for the four spaces of an indentation:
// the package is smaller.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import './types.mjs';

const root = new URL('../', import.meta.url);
rmSync(new URL('dist', root), { recursive: true, force: true });
for (const flags of [['--removeComments', '--declaration', 'false'], ['--emitDeclarationOnly', '--noCheck']]) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', ...flags], { cwd: fileURLToPath(root), stdio: 'inherit' });
}
for (const name of readdirSync(new URL('dist', root))) {
  const file = new URL(`dist/${name}`, root);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4)));
}
