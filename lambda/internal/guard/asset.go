package guard

import (
	"io/fs"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/asset"
)

// FromAsset adds to the options what the function's asset holds: the lists, the declared baselines, the exceptions and
// the routes. All were checked when the stack was made; a file that cannot be read all the same is logged and counts as
// absent, so that the guard restores rather than not.
func (o Options) FromAsset(files fs.FS) Options {
	baselines, err := fs.Sub(files, config.BaselineFolder)
	if err != nil {
		return o // the name of the folder is valid
	}
	o.Baseline = func(arn string) (baseline.Baseline, error) { return baseline.Read(baselines, arn) }
	o.Baselines = func() ([]baseline.Baseline, error) {
		declared, err := baseline.ReadAll(baselines)
		all := make([]baseline.Baseline, len(declared))
		for i, f := range declared {
			all[i] = f.Baseline
		}
		return all, err
	}
	o.Deployment = func() ([]byte, error) { return fs.ReadFile(files, deployment.FileName) }
	o.Lists = asset.Read(files, config.ListsFile, o.Log, config.ParseLists)
	o.Exceptions = asset.Read(files, exception.FileName, o.Log, exception.Parse)
	o.Routes = asset.Read(files, route.FileName, o.Log, route.Parse)
	return o
}
