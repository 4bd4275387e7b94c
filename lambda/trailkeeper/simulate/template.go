package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	templates "trailkeeper/cdk/golden"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/simulate/stage"
	"trailkeeper/lambda/trailkeeper/cli"
)

// usualDelay is how long after a call its record shows in the event history: AWS names about five minutes ("How
// CloudTrail works").
const usualDelay = 5 * time.Minute

// deployed is the template that is played: one that was given, what CDK makes of settings, or a built-in one.
func (f *options) deployed(ctx context.Context, progress io.Writer) ([]byte, error) {
	var template []byte
	var err error
	from := f.template
	switch {
	case f.template != "":
		if template, err = os.ReadFile(f.template); err != nil {
			return nil, cli.Usage("read the template: " + err.Error())
		}
	case f.settings != "":
		from = f.settings
		settings, err := os.ReadFile(f.settings)
		if err != nil {
			return nil, cli.Usage("read the settings: " + err.Error())
		}
		if template, err = synthesized(ctx, settings, progress); err != nil {
			return nil, cli.Usage(f.settings + ": " + err.Error())
		}
	default:
		return builtIn(f.mode)
	}
	if err := stage.CheckTemplate(template); err != nil {
		return nil, cli.Usage(from + ": " + err.Error())
	}
	return template, nil
}

// builtIn is the built-in template of a mode; none is the usual one. Mode restore has that of recreate, whose
// permissions include its own.
func builtIn(mode string) ([]byte, error) {
	switch config.Mode(mode) {
	case "", config.ModeRestart:
		return templates.Template(), nil
	case config.ModeNotify, config.ModeRecreate:
		template, _ := templates.Variant(mode)
		return template, nil
	case config.ModeRestore:
		template, _ := templates.Variant(string(config.ModeRecreate))
		return bytes.ReplaceAll(template, inMode(config.ModeRecreate), inMode(config.ModeRestore)), nil
	}
	return nil, cli.Usage(fmt.Sprintf("no mode %q; want notify, restart, restore or recreate", mode))
}

// inMode is what a template says of the guard's mode.
func inMode(mode config.Mode) []byte { return fmt.Appendf(nil, "%q: %q", config.EnvMode, mode) }

// synthesized has CDK make the template of settings, as `cdk synth` does with those in cdk.json.
func synthesized(ctx context.Context, settings []byte, progress io.Writer) ([]byte, error) {
	app, err := os.ReadFile("cdk.json")
	if err != nil {
		return nil, errors.New("there is no cdk.json here; run the command in the checkout's folder")
	}
	var read struct{ Context map[string]json.RawMessage }
	if err := json.Unmarshal(app, &read); err != nil {
		return nil, fmt.Errorf("cdk.json: %w", err)
	}
	if !json.Valid(settings) {
		return nil, errors.New("it is no JSON; want the object that stands in cdk.json as \"trailkeeper\"")
	}
	read.Context["trailkeeper"] = settings
	context, err := json.Marshal(read.Context)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "trailkeeper-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // in the folder for temporary files
	_, _ = fmt.Fprintln(progress, "trailkeeper: CDK makes the template, which takes a minute at first")
	synth := exec.CommandContext(ctx, "go", "run", "./cdk")
	synth.Env = append(os.Environ(), "CDK_OUTDIR="+folder, "CDK_CONTEXT_JSON="+string(context),
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20")
	if said, err := synth.CombinedOutput(); err != nil {
		return nil, errors.New(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(string(said)), "exit status 1")))
	}
	made, err := filepath.Glob(filepath.Join(folder, "*.template.json"))
	if err != nil || len(made) != 1 {
		return nil, fmt.Errorf("CDK made %d templates; want one", len(made))
	}
	return os.ReadFile(made[0])
}
