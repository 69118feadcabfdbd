// Builds dist from nothing, because npm would pack a file of an earlier build. Only the
// declarations have comments.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import './types.mjs';

const root = new URL('../', import.meta.url);
rmSync(new URL('dist', root), { recursive: true, force: true });
for (const flags of [['--removeComments', '--declaration', 'false'], ['--emitDeclarationOnly', '--noCheck']]) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', ...flags], { cwd: fileURLToPath(root), stdio: 'inherit' });
}
