// Opens each page in Chromium, narrow and wide, light and dark: no console message, no request besides the page itself,
// nothing wider than the screen, no serious finding of axe-core (WCAG 2 A and AA). Links between local pages must lead
// somewhere. Screenshots go to the folder named by --shots.
//
//     node check.mjs [--shots DIR] PAGE.html...

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const widths = [390, 1440];
const themes = ['light', 'dark'];

const pages = [];
let shots = null;
for (let at = 2; at < process.argv.length; at += 1) {
  if (process.argv[at] === '--shots') shots = process.argv[(at += 1)];
  else pages.push(resolve(process.argv[at]));
}
const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (pages.length === 0 || !executablePath) {
  console.error(pages.length === 0 ? 'usage: node check.mjs [--shots DIR] PAGE.html...' : 'no Chromium: set CHROMIUM to its path');
  process.exit(2);
}
if (shots) mkdirSync(shots, { recursive: true });

const findings = [];
const browser = await puppeteer.launch({ executablePath, headless: true, args: ['--no-sandbox', '--allow-file-access-from-files'] });
for (const path of pages) {
  const url = pathToFileURL(path).href;
  for (const width of widths) {
    for (const theme of themes) {
      const found = (what) => findings.push(`${path} (${width} px, ${theme}): ${what}`);
      const page = await browser.newPage();
      page.on('console', (message) => found(`console: ${message.text()}`));
      page.on('pageerror', (error) => found(`error: ${error.message}`));
      page.on('request', (request) => {
        if (request.url() !== url && !request.url().startsWith('data:')) found(`request for ${request.url()}`);
      });
      await page.setViewport({ width, height: 900 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
      await page.goto(url, { waitUntil: 'load' });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wide > 0) found(`${wide} px wider than the screen`);
      if (shots) {
        const name = `${basename(dirname(path))}-${basename(path, '.html')}-${width}-${theme}.png`;
        await page.screenshot({ path: join(shots, name), fullPage: true });
      }
      for (const link of await page.$$eval('a[href]', (links) => links.map((link) => link.href))) {
        if (link.startsWith('file:') && !existsSync(fileURLToPath(link.split('#')[0]))) found(`${link} leads nowhere`);
      }
      // Through the debugger, not as a script of the page, whose own policy forbids any.
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() =>
        globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
      for (const { id, impact, help, nodes } of violations) {
        const line = `axe ${impact} ${id}: ${help} (${nodes.length}, first ${nodes[0].target.join(' ')})`;
        if (impact === 'serious' || impact === 'critical') found(line);
        else console.log(`note: ${path} (${width} px, ${theme}): ${line}`);
      }
      await page.close();
    }
  }
}
await browser.close();
for (const finding of findings) console.error(finding);
console.log(`${pages.length} page(s), ${widths.length * themes.length} views each: ${findings.length} finding(s)`);
process.exit(findings.length === 0 ? 0 : 1);
