// The app that `cdk` runs: it reads the settings from the context, the baselines and the rules, builds the functions
// with the local Go toolchain, and makes the stack. It is the only part of Trailkeeper's CDK code that reads files and
// context.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/aws-cdk-go/awscdk/v2/cxapi"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"trailkeeper/cdk/asset"
	"trailkeeper/cdk/limits"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/stack"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/deployment"
)

const (
	// Below the folder of cdk.json, in which the CDK CLI runs the app.
	guardPackage = "./lambda/guard"
	watchPackage = "./lambda/watch"
	buildFolder  = "build"
)

func main() {
	quiet()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	doing := newProgress(os.Stderr, time.AfterFunc)
	defer doing.end()
	if err := synth(ctx, doing); err != nil {
		stop()
		doing.end()
		fmt.Fprintln(os.Stderr, "trailkeeper: the stack cannot be made:")
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// quiet keeps jsii from printing a banner about a release of Node with which this app is tested; what the user has set
// stays. It takes the environment when its packages are initialized, before main, so its client is made anew.
func quiet() {
	for name, value := range map[string]string{
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20,22,24",
		"JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION":  "true",
	} {
		if _, set := os.LookupEnv(name); !set {
			os.Setenv(name, value)
		}
	}
	jsii.Close()
}

// synth makes the stack. CDK reports what it refuses as a panic with the stack of another language; what counts in it
// becomes the error.
func synth(ctx context.Context, doing *progress) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = essence(reason)
		}
	}()
	if err := outputFolder(os.Getenv(outputVariable)); err != nil {
		return err
	}
	doing.step("starting Node for CDK")
	app := awscdk.NewApp(nil)
	context, _ := app.Node().GetAllContext(nil).(map[string]any)
	now := time.Now()
	s, err := settings.Read(settings.Source{
		Context: context,
		Groups:  groupsFile,
		Region:  os.Getenv("CDK_DEFAULT_REGION"),
		Now:     now,
	})
	files, unreadable := baselineFiles(s.Baselines)
	var watched watchRules
	var wrong error
	if s.Watch.Enabled || len(s.MetricFilters.Rules) > 0 {
		doing.step("checking the rules")
		watched, wrong = readRules(os.DirFS("."), s, now)
	}
	if err := errors.Join(err, unreadable, wrong); err != nil {
		return err
	}
	props := stack.Props{Settings: s, Patterns: watched.patterns, Filters: watched.filters}
	for _, f := range files {
		props.Baselines = append(props.Baselines, f.Baseline)
	}
	if err := addCode(ctx, &props, files, watched.encoded, doing); err != nil {
		return err
	}
	doing.step("making the stack, and checking it against the rules of CloudFormation and cdk-nag")
	made, keeper, err := stack.NewStack(app, props)
	if err != nil {
		return err
	}
	refuseExample(made, s)
	warnExpired(made, s, now)
	warnBaselines(made, s, props.Baselines)
	warnAccount(made, s, os.Getenv("CDK_DEFAULT_ACCOUNT"))
	if s.Watch.Enabled {
		warnRules(made, watched, sourcesOf(s, os.Getenv("CDK_DEFAULT_ACCOUNT")))
	}
	warnFilters(made, watched.refused)
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(nil), nil)
	assembly := app.Synth(nil)
	if err := checkSizes(assembly, made, keeper.WardenStack); err != nil || props.Known == nil {
		return err
	}
	return checkDescription(assembly, made, keeper, props)
}

// outputVariable names the folder into which CDK writes; the CLI sets it (option --output).
const outputVariable = "CDK_OUTDIR"

// outputFolder refuses a folder that cannot be written before CDK tries: Node makes some, such as those below /proc, in
// a loop without end (fs.mkdirSync with recursive where mkdir says ENOENT).
func outputFolder(path string) error {
	if path == "" {
		return nil // CDK makes a temporary one
	}
	err := os.MkdirAll(path, 0o755)
	if err == nil {
		err = writable(path)
	}
	if err != nil {
		return fmt.Errorf("the output folder %s cannot be written (%w); name another with --output", path, err)
	}
	return nil
}

func writable(folder string) error {
	f, err := os.CreateTemp(folder, ".trailkeeper-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// checkSizes refuses the templates that AWS would refuse because of their size. A stack may be nil.
func checkSizes(assembly cxapi.CloudAssembly, stacks ...awscdk.Stack) error {
	var errs []error
	for _, one := range stacks {
		if one != nil {
			template, _ := assembly.GetStackArtifact(one.ArtifactId()).Template().(map[string]any)
			errs = append(errs, limits.Check(template, *one.StackName()))
		}
	}
	return errors.Join(errs...)
}

// groupsFile reads the groups of accounts that `trailkeeper accounts` wrote; a file that does not exist holds none.
func groupsFile(path string) (map[string][]string, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return settings.ReadGroups(content)
}

// addCode builds the functions. What guard and warden know of the deployment is in their asset, so that the stacks are
// made once before.
func addCode(ctx context.Context, props *stack.Props, baselines []baseline.File, rules []byte, doing *progress) error {
	s := props.Settings
	further, err := furtherFiles(s, baselines)
	if err != nil {
		return err
	}
	if s.Warden.Enabled {
		doing.step("describing the stack for the warden")
		description, content, err := describe(*props)
		if err != nil {
			return err
		}
		further[deployment.FileName] = content
		props.Known = &stack.Known{Description: description, Digest: deployment.Digest(content)}
	}
	doing.step("building the functions with Go; the first time this takes about a minute")
	guard, err := functionCode(ctx, guardPackage, "guard", further)
	if err != nil {
		return err
	}
	props.Code = guard.code()
	if s.WardenElsewhere() {
		props.WardenCode = guard.code()
	}
	var watch built
	if s.Watch.Enabled {
		if further, err = watchFiles(s, rules); err != nil {
			return err
		}
		if watch, err = functionCode(ctx, watchPackage, "watch", further); err != nil {
			return err
		}
		props.WatchCode = watch.code()
	}
	if props.Known != nil {
		props.Known.CodeSHA256, props.Known.WatchSHA256 = guard.base64, watch.base64
	}
	return nil
}

// built is a function's zip.
type built struct{ path, hash, base64 string }

// code is an instance for one stack.
func (b built) code() awslambda.Code {
	return awslambda.Code_FromAsset(jsii.String(b.path), &awss3assets.AssetOptions{
		AssetHash: jsii.String(b.hash), AssetHashType: awscdk.AssetHashType_CUSTOM,
	})
}

// functionCode builds a function. The asset's hash is that of the zip, which is the same from every checkout.
func functionCode(ctx context.Context, pkg, name string, further map[string][]byte) (built, error) {
	content, err := asset.Build(ctx, ".", pkg, further)
	if err != nil {
		return built{}, err
	}
	path, hash, err := asset.Write(buildFolder, name, content)
	if err != nil {
		return built{}, err
	}
	sum := sha256.Sum256(content)
	return built{path, hash, base64.StdEncoding.EncodeToString(sum[:])}, nil
}
