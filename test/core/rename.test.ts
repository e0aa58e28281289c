import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CollectionName, formatName } from "../../src/core/collection-name.ts";
import { planRenames, type RenameRequest } from "../../src/core/rename.ts";

const parse = (text: string): CollectionName => {
  const [database = "", name = ""] = text.split(".");
  return { database, name };
};

/** Targets as "from:to" and the problems. */
const plan = (names: readonly string[], request: RenameRequest) => {
  const { targets, problems } = planRenames(names.map(parse), request);
  return { targets: targets.map(({ from, to }) => `${formatName(from)}:${formatName(to)}`), problems };
};

describe("planRenames()", () => {
  it("planRenames() keeps every name when nothing is asked for", () => {
    expect(plan(["default.a", "db1.a"], {})).toEqual({ targets: ["default.a:default.a", "db1.a:db1.a"], problems: [] });
  });

  it("planRenames() puts the suffix after every name when one is given", () => {
    expect(plan(["default.a", "db1.b"], { suffix: "_old" })).toEqual({
      targets: ["default.a:default.a_old", "db1.b:db1.b_old"],
      problems: [],
    });
  });

  it("planRenames() reads all three forms, apart or joined by commas", () => {
    const { targets, problems } = plan(["default.a", "db1.b", "db2.c", "db3.d"], {
      renames: ["a:b, db1.b:db9.x", "db2.*:db8.*"],
    });
    expect(targets).toEqual(["default.a:default.b", "db1.b:db9.x", "db2.c:db8.c", "db3.d:db3.d"]);
    expect(problems).toEqual([]);
  });

  it("planRenames() lets a collection's rename win over the suffix, and combines the database's with it", () => {
    const { targets, problems } = plan(["db1.a", "db1.b"], { suffix: "_s", renames: ["db1.*:db2.*", "db1.a:db3.z"] });
    expect(targets).toEqual(["db1.a:db3.z", "db1.b:db2.b_s"]);
    expect(problems).toEqual([]);
  });

  it("planRenames() allows two collections to swap their names", () => {
    expect(plan(["default.a", "default.b"], { renames: ["a:b", "b:a"] })).toEqual({
      targets: ["default.a:default.b", "default.b:default.a"],
      problems: [],
    });
  });

  it("planRenames() refuses two sources for one target", () => {
    const one = plan(["default.a", "default.b", "db1.b"], { renames: ["a:b"] });
    expect(one.problems).toEqual(["default.a and default.b would be restored as one default.b"]);
    const merged = plan(["db1.a", "db2.a"], { renames: ["db1.*:db3.*", "db2.*:db3.*"] });
    expect(merged.problems).toEqual(["db1.a and db2.a would be restored as one db3.a"]);
  });

  it("planRenames() refuses to rename what is not there", () => {
    const { problems } = plan(["default.books", "db1.a"], { renames: ["bocks:b", "db2.*:db3.*"] });
    expect(problems).toEqual([
      'There is no default.bocks to rename, did you mean "default.books"?',
      'There is no db2.* to rename, did you mean "db1.*"?',
    ]);
  });

  it("planRenames() refuses a second rename of the same collection", () => {
    expect(plan(["default.a"], { renames: ["a:b", "default.a:default.c"] })).toEqual({
      targets: ["default.a:default.b"],
      problems: ["default.a is renamed twice"],
    });
  });

  it("planRenames() refuses what is no rename, and sides of two forms", () => {
    for (const rename of [
      "",
      "a",
      "a:",
      ":b",
      "a:b:c",
      "a.b.c:d.e",
      "db1.c1:c2",
      "db1.*:db2.c",
      "db.c*:db.d*",
      "*:b",
    ]) {
      const message = `The rename "${rename}" is none of db1.c1:db2.c2, c1:c2 and db1.*:db2.*`;
      expect(plan(["default.a"], { renames: [rename] }).problems).toEqual([message]);
    }
  });

  it("planRenames() refuses names that Milvus would refuse", () => {
    const refusal = "makes a name that Milvus refuses: it wants a letter or _, then letters, digits and _";
    expect(plan(["default.a"], { renames: ["a:1b"] }).problems).toEqual([`The rename "a:1b" ${refusal}`]);
    expect(plan(["default.a"], { renames: ["default.a:my-db.a"] }).problems).toEqual([
      `The rename "default.a:my-db.a" ${refusal}`,
    ]);
    expect(plan(["default.a"], { suffix: "-x" }).problems).toEqual([
      'The suffix "-x" holds more than letters, digits and _',
    ]);
    const long = "a".repeat(255);
    expect(plan([`default.${long}`], {}).problems).toEqual([]);
    expect(plan([`default.${long}`], { suffix: "x" }).problems).toEqual([
      `default.${long} would get a name of more than 255 characters`,
    ]);
  });

  it("planRenames() gives each collection a target of its own whenever it has no problem", () => {
    const name = fc.constantFrom("a", "b", "c");
    const collection = fc.record({ database: fc.constantFrom("default", "db1", "db2"), name });
    const renames = fc.array(
      fc.oneof(
        fc.tuple(collection, collection).map(([from, to]) => `${formatName(from)}:${formatName(to)}`),
        fc.tuple(name, name).map((parts) => parts.join(":")),
        fc.constantFrom("db1.*:db2.*", "db2.*:db1.*", "default.*:db3.*"),
      ),
      { maxLength: 4 },
    );
    const collections = fc.uniqueArray(collection, { selector: formatName });
    fc.assert(
      fc.property(collections, renames, fc.constantFrom("", "_s"), (names, list, suffix) => {
        const { targets, problems } = planRenames(names, { renames: list, suffix });
        expect(targets.map(({ from }) => from)).toEqual(names);
        const distinct = new Set(targets.map(({ to }) => formatName(to)));
        if (problems.length === 0) expect(distinct.size).toBe(names.length);
        else expect(list.length).toBeGreaterThan(0);
      }),
    );
  });
});
