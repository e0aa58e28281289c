import { expect, it } from "vitest";
import { formatAddress, parseAddress } from "../../src/milvus/address.ts";

it("parseAddress() reads hosts, ports, schemes and IPv6", () => {
  const texts = [
    "localhost",
    "milvus:1234",
    "http://milvus:1234",
    "https://in01.example.com",
    "https://a.b:19530/",
    "[::1]:19531",
  ];
  expect(texts.map((text) => [formatAddress(parseAddress(text)), parseAddress(text).tls])).toEqual([
    ["localhost:19530", false],
    ["milvus:1234", false],
    ["milvus:1234", false],
    ["in01.example.com:443", true],
    ["a.b:19530", true],
    ["[::1]:19531", false],
  ]);
});

it.each(["", "host:99999", "host:0", "a b", "ftp://host", "root:secret@host:19530", "http://host/path"])(
  "parseAddress() refuses %j without repeating it",
  (text) => {
    expect(() => parseAddress(text)).toThrow(
      expect.objectContaining({ code: "invalid", message: expect.not.stringContaining("secret") }),
    );
  },
);
