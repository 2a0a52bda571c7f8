import fc from 'fast-check';
import { visibleLine, visibleText } from '../../../core/text/visible';

const anyText = fc.string({ unit: 'binary', maxLength: 200 });
/** What a terminal acts on or a reader is misled by. */
const acting =
  /(?![\n\t])\p{Cc}|[\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u{e0001}-\u{e007f}]/u;

test.each([
  ['\u001b[2J\u001b]0;owned\u0007', '\\u001b[2J\\u001b]0;owned\\u0007'],
  ['\u009b31m', '\\u009b31m'],
  ['a\r\nb\tc', 'a\\r\\nb\\tc'],
  ['abc\u202etxt.exe', 'abc\\u202etxt.exe'],
  ['a\u{e0041}', 'a\\udb40\\udc41'],
  ['\ud800', '\\ud800'],
  ['Ünïcode 日本 👩‍🚀 نص', 'Ünïcode 日本 👩‍🚀 نص'],
])('%j is shown as %j', (text, shown) => expect(visibleLine(text)).toBe(shown));

test('nothing that acts is left of any text, and a second time changes nothing', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const line = visibleLine(text);
      expect(line).not.toMatch(acting);
      expect(line).not.toMatch(/[\n\t]/);
      expect(visibleLine(line)).toBe(line);
      expect(visibleText(text)).not.toMatch(acting);
    }),
  );
});

test('JSON that passes through is JSON with the same values', () => {
  fc.assert(
    fc.property(fc.dictionary(anyText, anyText), (value) => {
      const json = JSON.stringify(value, null, 2);
      expect(JSON.parse(visibleText(json))).toEqual(JSON.parse(json));
    }),
  );
});
