/** A package that can only be imported → its exports. */

/**
 * Some packages are ECMAScript modules that await at their top level, so `require` can't load them, and compilers to
 * CommonJS may turn `import()` into `require`; this one is out of their reach.
 */
export const importModule = new Function('specifier', 'return import(specifier)') as <Module>(
  specifier: string,
) => Promise<Module>;
