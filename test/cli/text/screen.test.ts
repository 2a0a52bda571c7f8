import { PassThrough } from 'node:stream';
import { openScreen } from '../../../cli/text/screen';

test('without a terminal: no control characters and one block in 15 s', () => {
  const out = new PassThrough();
  let nowMs = 0;
  const screen = openScreen(out as unknown as NodeJS.WriteStream, false, () => nowMs);
  screen.draw(['a', 'b']);
  nowMs = 14_000;
  screen.draw(['c']);
  nowMs = 15_000;
  screen.draw(['d']);
  expect(String(out.read())).toBe('a\nb\n\nd\n\n');
});

test('on a terminal the lines replace the last ones', () => {
  const out = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const screen = openScreen(out as unknown as NodeJS.WriteStream, false, () => 0);
  screen.draw(['one', 'two']);
  screen.draw(['three']);
  const text = String(out.read());
  expect(text).toContain('\u001b[2A');
  expect(text.endsWith('three\n')).toBe(true);
});
