/*
 * build - the picture's files from its sources. Called by build.sh in a folder that has sources and node_modules.
 *
 * node build.mjs OUT W,S,E,N
 */
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import * as topojson from 'topojson-client';
import { basemap } from './basemap.mjs';

const [out, regionText] = process.argv.slice(2);
const region = (regionText ?? '').split(',').map(Number);
if (!out || region.length !== 4 || !region.every(Number.isFinite)) {
  console.error('usage: build.mjs OUT W,S,E,N');
  process.exit(2);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await esbuild.build({
  entryPoints: [{ in: 'src/main.ts', out: 'app' }, { in: 'style/app.css', out: 'app' }],
  outdir: out,
  bundle: true,
  format: 'esm',
  target: ['es2022', 'chrome110', 'firefox115', 'safari16.4'],
  minify: true,
  legalComments: 'none',
  sourcemap: false,
  logLevel: 'warning',
});
/* The frame reader alone, for its unit tests. */
await esbuild.build({
  entryPoints: ['src/frame.ts', 'src/geo.ts', 'src/format.ts', 'src/picture.ts', 'src/symbol.ts'],
  outdir: 'test-modules',
  bundle: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
});
copyFileSync('node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs', join(out, 'map-worker.js'));
copyFileSync('index.html', join(out, 'index.html'));
copyFileSync('icon.svg', join(out, 'icon.svg'));
copyFileSync('map/names.json', join(out, 'names.json'));
writeFileSync(join(out, 'land.json'), JSON.stringify(basemap('node_modules/world-atlas', topojson, region)));
writeFileSync(join(out, 'THIRD-PARTY.txt'), [
  'MapLibre GL JS (app.js, map-worker.js)', readFileSync('node_modules/maplibre-gl/LICENSE.txt', 'utf8'),
  'Natural Earth by way of world-atlas (land.json): public domain', readFileSync('node_modules/world-atlas/LICENSE', 'utf8'),
].join('\n\n'));

for (const name of readdirSync(out))
  if (/\.(js|css|json|html|svg)$/.test(name))
    writeFileSync(join(out, `${name}.gz`), gzipSync(readFileSync(join(out, name)), { level: 9 }));
