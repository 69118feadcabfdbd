// Writes dist anew: a file of an earlier build would be packed. The scripts go without
// comments, which are in the declarations.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import './types.mjs';

const root = new URL('../', import.meta.url);
rmSync(new URL('dist', root), { recursive: true, force: true });
for (const flags of [['--removeComments', '--declaration', 'false'], ['--emitDeclarationOnly', '--noCheck']]) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', ...flags], { cwd: fileURLToPath(root), stdio: 'inherit' });
}
