import type { Command } from "commander";
import { Option } from "commander";
import { examples, quietly } from "./commandParts.js";
import type { InstallOptions } from "./commands/engine.js";
import type { OutputOptions } from "./output.js";
import { Output } from "./output.js";

/** `n2uq engine …`. */
export function addEngineCommands(program: Command): void {
  const group = program.command("engine").description("list, install and remove engines");
  quietly(group.command("list").description("list the engines in the order of preference")).action(
    async (options: OutputOptions) => {
      const engine = await import("./commands/engine.js");
      await engine.list(new Output(options));
    },
  );
  quietly(group.command("install <name>").description("put an engine's native library into your data folder"))
    .option("--from <path>", "a tfjs-node package's folder or the npm archive's tarball, placed by hand")
    .option("--force", "install again although a library works")
    .addOption(
      new Option("--source <way>", "try this way only").choices(["package", "registry"]).conflicts("from"),
    )
    .option("--libtorch <folder>", "the libtorch to build torch for, with its include and lib")
    .addHelpText(
      "after",
      examples(
        "engine install torch",
        "engine install torch --libtorch ./libtorch",
        "engine install tensorflow",
        "engine install tensorflow --source registry",
        "engine install tensorflow --from ./tfjs-node-lambda-releases-1.6.1.tgz",
      ),
    )
    .action(async (name: string, options: InstallOptions & OutputOptions) => {
      const engine = await import("./commands/engine.js");
      await engine.install(name, options, new Output(options));
    });
  quietly(group.command("remove <name>").description("remove what `engine install` put there")).action(
    async (name: string, options: OutputOptions) => {
      const engine = await import("./commands/engine.js");
      await engine.remove(name, new Output(options));
    },
  );
}
