import fc from 'fast-check';
import {
  markdown,
  markdownAddress,
  markdownCode,
  markdownText,
  plainText,
} from '../../../core/text/markdown';

test.each([
  ['[pay](https://evil.example)', '\\[pay\\](https:/\\[/\\]evil.example)'],
  ['![x](http://10.0.0.1/p.png)', '\\!\\[x\\](http:/\\[/\\]10.0.0.1/p.png)'],
  ['<img src=x onerror=alert(1)>', '\\<img src=x onerror=alert(1)\\>'],
  ['see www.evil.example or a@evil.example', 'see www\\[.\\]evil.example or a\\[@\\]evil.example'],
  ['*bold* `code` # | ~', '\\*bold\\* \\`code\\` \\# \\| \\~'],
  ['two\n\n# lines', 'two\\\\n\\\\n\\# lines'],
  ['flash sale (5.2 %), at 12:00', 'flash sale (5.2 %), at 12:00'],
])('%j is written as %j', (text, written) => expect(markdownText(text)).toBe(written));

test('of any text no markup is left, and a reader without Markdown gets it back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      const written = markdownText(text);
      expect(written.replace(/\\[^A-Za-z0-9]/g, ' ')).not.toMatch(/[`*_~[\]<>&|#!\n]|\w@|:\/\/|www\./i);
      if (!/\[(@|\.|\/)\]/.test(text)) expect(plainText(written)).toBe(text);
    }),
  );
});

test('a template escapes its values only, and code cannot be left', () => {
  expect(markdown`**${'a*b'}**: ${3}`).toBe('**a\\*b**: 3');
  expect(markdownCode('/x` [a](b)')).toBe("`/x' [a](b)`");
});

test('an address stays one, without its secrets; anything else is code', () => {
  expect(markdownAddress('http://shop.example/a_b/campaigns.json?x=1')).toBe(
    'http://shop.example/a_b/campaigns.json?x=1',
  );
  expect(markdownAddress('https://h/f?api_key=s3cret')).toBe('https://h/f?api_key=***');
  expect(markdownAddress('/feeds/a](http://evil.example) ![x].ics')).toBe(
    '`/feeds/a](http://evil.example) ![x].ics`',
  );
});
