package s3

import (
	"net/http"
	"slices"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// versionActions are those of calls that name a version: then the other is not asked for (GetObject, "Permissions").
var versionActions = map[string]string{
	"GetObject": "s3:GetObjectVersion", "HeadObject": "s3:GetObjectVersion", "DeleteObject": "s3:DeleteObjectVersion",
}

// nullVersion is that of an object in a bucket without versions ("How S3 Versioning works").
const nullVersion = "null"

// keep makes an object, or a marker, the latest of its key.
func (s *Buckets) keep(b *bucket, key string, o *object) {
	if b.objects == nil {
		b.objects, b.history = map[string]*object{}, map[string][]*object{}
	}
	if b.versions {
		o.version = s.kernel.ID("s3 version")
		b.history[key] = append(b.history[key], o)
	}
	b.objects[key] = o
}

// find is an object, or a version of it.
func (b *bucket) find(key, version string) (*object, *kernel.Error) {
	latest := b.objects[key]
	switch {
	case version == "":
		return latest, refuse(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	case version == nullVersion && latest != nil && latest.version == "":
		return latest, nil
	}
	for _, o := range b.history[key] {
		if o.version == version {
			return o, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.")
}

// removeVersion deletes one version for good. The one before it is the latest then; what is not there is no error
// (DeleteObject).
func (s *Buckets) removeVersion(arn string, b *bucket, key, version string, by origin) {
	o, _ := b.find(key, version)
	if o == nil {
		return
	}
	rest := slices.DeleteFunc(slices.Clone(b.history[key]), func(other *object) bool { return other == o })
	b.history[key] = rest
	delete(b.objects, key)
	if n := len(rest); n > 0 && !rest[n-1].marker {
		b.objects[key] = rest[n-1]
	}
	if len(rest) == 0 {
		delete(b.history, key)
	}
	s.tell(arn, b, change{kind: "ObjectRemoved", how: "Delete", key: key, version: o.version, by: by})
}
