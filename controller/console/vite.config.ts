import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

// The controller serves what is built here from a folder of its package. Its content security
// policy allows no inline script, so nothing is inlined, small images neither.
export default defineConfig({
  base: './',
  plugins: [svelte()],
  build: {
    outDir: '../web/console',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    sourcemap: false,
    // What is built in keeps its authors' names and terms beside it.
    license: { fileName: 'licenses.md' },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': process.env.LAMPLIGHTER_API ?? 'http://127.0.0.1:8080' },
  },
})
