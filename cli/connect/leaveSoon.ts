/** The end of a command that asked servers → the end of its process, though one that hangs keeps a connection half open. */

const graceMs = 500;

/** Call it when all is written that will be; nothing happens before it has reached its reader. */
export function leaveSoon(): void {
  const leave = (): void => {
    if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
    wait();
  };
  // Keeps nothing alive itself.
  const wait = (): void => {
    setTimeout(leave, graceMs).unref();
  };
  wait();
}
