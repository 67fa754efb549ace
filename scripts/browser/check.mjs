// Opens each page in Chromium, narrow and wide, light and dark: no console message, no request besides the page itself,
// nothing wider than the screen, no serious finding of axe-core (WCAG 2 A and AA). Links between local pages must lead
// somewhere. Screenshots go to the folder named by --shots. With --words a page shows at most so many words, those of
// drawings included, with --screens it is at most so many screens of 1440 by 900 high, and with --sheets it prints on at
// most so many sheets of A4.
//
//     node check.mjs [--shots DIR] [--words N] [--screens N] [--sheets N] PAGE.html...

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
const bars = { words: Infinity, screens: Infinity, sheets: Infinity };
for (let at = 2; at < process.argv.length; at += 1) {
  if (process.argv[at] === '--shots') shots = process.argv[(at += 1)];
  else if (process.argv[at].slice(2) in bars) bars[process.argv[at].slice(2)] = Number(process.argv[(at += 1)]);
  else pages.push(resolve(process.argv[at]));
}
const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (pages.length === 0 || !executablePath) {
  console.error(pages.length === 0 ? 'usage: node check.mjs [--shots DIR] PAGE.html...' : 'no Chromium: set CHROMIUM to its path');
  process.exit(2);
}
if (shots) mkdirSync(shots, { recursive: true });

// What a reader has before the eyes without opening anything.
function visibleWords() {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let words = 0;
  while (texts.nextNode()) {
    const text = texts.currentNode;
    const around = text.parentElement;
    if (/^(style|title|desc)$/i.test(around.tagName) || !around.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const { width, height } = range.getBoundingClientRect();
    if (width < 2 || height < 2 || around.closest('.skip')) continue;
    words += text.data.split(/\s+/).filter(Boolean).length;
  }
  return words;
}

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
      if (width === 1440 && theme === 'light') {
        const words = await page.evaluate(visibleWords);
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        if (words > bars.words) found(`${words} words are visible, more than ${bars.words}`);
        if (height > bars.screens * 900) found(`${height} px high, more than ${bars.screens} screens of 900`);
        let printed = '';
        if (bars.sheets < Infinity) {
          const pdf = Buffer.from(await page.pdf({ preferCSSPageSize: true, ...(shots ? { path: join(shots, `${basename(dirname(path))}-${basename(path, '.html')}.pdf`) } : {}) }));
          const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
          if (sheets > bars.sheets || sheets === 0) found(`prints on ${sheets} sheets, more than ${bars.sheets}`);
          printed = `, ${sheets} sheets of A4`;
        }
        console.log(`${path}: ${words} words visible, ${(height / 900).toFixed(1)} screens${printed}`);
      }
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
