/** A package that can only be imported → its exports. */

/**
 * Some packages are ECMAScript modules that await at their top level, so `require` cannot load them. Compilers to
 * CommonJS may turn `import()` into `require`; they cannot see this one.
 */
export const importModule = new Function('specifier', 'return import(specifier)') as <Module>(
  specifier: string,
) => Promise<Module>;
