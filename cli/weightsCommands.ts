import type { Command } from "commander";
import { examples, integer, quietly, repeated } from "./commandParts.js";
import type { KeyOptions } from "./commands/weights.js";
import type { VerifyOptions } from "./commands/weightsVerify.js";
import type { OutputOptions } from "./output.js";
import { Output } from "./output.js";

const KEY = ["--key <name>", "which of several state dicts in the file, such as ema.state_dict"] as const;

/** What looks into weights files and brings them here. */
export function addWeightsCommands(program: Command, exit: { code: number }): void {
  const group = program.command("weights").description("look into, convert, check and download weights");

  quietly(group.command("list").description("list the named weights, and which are here")).action(
    async (options: OutputOptions) => {
      const weights = await import("./commands/weights.js");
      await weights.list(new Output(options));
    },
  );

  quietly(group.command("inspect <file>").description("show what a safetensors or PyTorch file holds"))
    .option(...KEY)
    .addHelpText(
      "after",
      examples("weights inspect checkpoint.pth.tar", "weights inspect torchvision:resnet18 --json"),
    )
    .action(async (file: string, options: KeyOptions & OutputOptions) => {
      const weights = await import("./commands/weights.js");
      await weights.inspect(file, options, new Output(options));
    });

  quietly(
    group
      .command("convert <in> <out>")
      .description("write weights as safetensors, names and layouts as PyTorch's"),
  )
    .option(...KEY)
    .option("--force", "overwrite a file that is there")
    .addHelpText(
      "after",
      examples("weights convert checkpoint.pth.tar resnet18.safetensors --key state_dict"),
    )
    .action(async (from: string, to: string, options: KeyOptions & { force?: boolean } & OutputOptions) => {
      const weights = await import("./commands/weights.js");
      await weights.convert(from, to, options, new Output(options));
    });

  quietly(
    group.command("verify <file>").description("check a file's checksums, and whether it fits an experiment"),
  )
    .option(...KEY)
    .option("--experiment <file>", "compare names and shapes with its network, start and teacher")
    .addOption(repeated("--profile <name>", "overlay of the experiment (repeatable)"))
    .addOption(repeated("--set <path=value>", "set a value of the experiment (repeatable)"))
    .addHelpText(
      "after",
      examples(
        "weights verify torchvision:resnet101",
        "weights verify my.pth --experiment experiments/res18-w2a2.yaml",
      ),
    )
    .action(async (file: string, options: VerifyOptions & OutputOptions) => {
      const { verify } = await import("./commands/weightsVerify.js");
      exit.code = await verify(file, options, new Output(options));
    });

  quietly(group.command("pull <names...>").description("download named weights into the models folder"))
    .option("--from <url>", "download from here instead; a folder where it ends in a slash")
    .addOption(
      integer(
        "--max-bytes <count>",
        "most bytes of a file whose size is not known (default: 4000000000)",
        1,
        2 ** 50,
      ),
    )
    .addHelpText(
      "after",
      examples(
        "weights pull torchvision:resnet101",
        "weights pull n2uq:resnet18 --from https://mirror/files/",
      ),
    )
    .action(async (names: string[], options: { from?: string; maxBytes?: number } & OutputOptions) => {
      const weights = await import("./commands/weights.js");
      await weights.pull(names, options, new Output(options));
    });
}
