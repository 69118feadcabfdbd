// What is published: small, whole, and of no use to node alone.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';

const root = fileURLToPath(new URL('../../', import.meta.url));

const parts = ['cache', 'collections', 'credential', 'error', 'express', 'fastify', 'guard', 'hono', 'index', 'keyward', 'secret', 'transport'];
const typed = ['collections', 'error', 'express', 'fastify', 'guard', 'hono', 'index', 'keyward', 'schema', 'secret', 'transport'];

test('the package has these files, in less than 15 kB', () => {
  const [pack] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: root, encoding: 'utf8' }));
  const want = ['README.md', 'package.json', ...parts.map((name) => `dist/${name}.js`), ...typed.map((name) => `dist/${name}.d.ts`)];
  assert.deepEqual(pack.files.map(({ path }) => path).sort(), want.sort());
  assert.ok(pack.size < 15_000, `${pack.size} bytes`);
});

// The sources are compiled without node's types, so they use the Web's APIs only. An
// import would get around that.
test('nothing but a part of the package is imported', () => {
  for (const name of readdirSync(join(root, 'dist'))) {
    for (const [, from] of readFileSync(join(root, 'dist', name), 'utf8').matchAll(/(?:from|import|import\()\s*['"]([^'"]+)['"]/g)) {
      const type = name.endsWith('.d.ts') && name === `${from}.d.ts`;
      assert.ok(type || parts.includes(from.slice(2, -3)) || from === './schema.js', `${name} imports ${from}`);
    }
  }
});

// A project of somebody else's, with strict settings, checks what is declared.
test('the declarations are whole, and right for whoever uses them', () => {
  const folder = mkdtempSync(join(root, 'dist', 'project-'));
  try {
    const [pack] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8' }));
    const modules = join(folder, 'node_modules');
    mkdirSync(join(modules, '@keyward'), { recursive: true });
    execFileSync('tar', ['-xzf', pack.filename], { cwd: folder });
    symlinkSync(join(folder, 'package'), join(modules, '@keyward', 'client'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'project.ts'), readFileSync(join(root, 'test', 'unit', 'project.ts')));
    execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--module', 'NodeNext', '--target', 'ES2022', '--skipLibCheck', 'project.ts'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    throw new Error(error.stdout || error.message, { cause: error });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
