package s3

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// mostListed is how many keys and folders S3 lists at once (ListObjectsV2).
const mostListed = 1000

// listObjects lists a page of a bucket, in the order of the keys' bytes.
func (s *Buckets) listObjects(cl *kernel.Call, b *bucket) (any, *kernel.Error) {
	most := mostListed
	if n, given, failed := cl.Number("MaxKeys", 0, 1<<31-1); failed != nil {
		return nil, refuse(http.StatusBadRequest, "InvalidArgument", "Argument maxKeys must be an integer between 0 and 2147483647")
	} else if given {
		most = min(n, mostListed)
	}
	prefix, delimiter, after := cl.Text("Prefix"), cl.Text("Delimiter"), cl.Text("StartAfter")
	token := cl.Text("ContinuationToken")
	if token != "" {
		last, ok := strings.CutPrefix(token, "after:")
		if !ok {
			return nil, refuse(http.StatusBadRequest, "InvalidArgument", "The continuation token provided is incorrect")
		}
		after = last
	}
	shown := func(text string) string {
		if cl.Text("EncodingType") == "url" {
			return strings.ReplaceAll(url.QueryEscape(text), "%2F", "/")
		}
		return text
	}
	var contents, folders []any
	last, more := "", false
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		below, ok := strings.CutPrefix(key, prefix)
		if !ok || key <= after || strings.HasSuffix(after, delimiter) && delimiter != "" && strings.HasPrefix(key, after) {
			continue
		}
		folder, _, deeper := strings.Cut(below, delimiter)
		inFolder := delimiter != "" && deeper
		name := prefix + folder + delimiter
		if inFolder && name == last {
			continue
		}
		if len(contents)+len(folders) == most {
			more = true
			break
		}
		if inFolder {
			folders, last = append(folders, map[string]any{"Prefix": shown(name)}), name
			continue
		}
		o := b.objects[key]
		last = key
		contents = append(contents, map[string]any{
			"Key": shown(key), "Size": len(o.body), "ETag": `"` + o.etag + `"`, "LastModified": o.modified, "StorageClass": "STANDARD",
		})
	}
	out := map[string]any{
		"Name": b.name, "Prefix": shown(prefix), "MaxKeys": most, "KeyCount": len(contents) + len(folders),
		"IsTruncated": more, "Contents": contents, "CommonPrefixes": folders,
	}
	for name, text := range map[string]string{"Delimiter": delimiter, "StartAfter": cl.Text("StartAfter")} {
		if text != "" {
			out[name] = shown(text)
		}
	}
	for name, text := range map[string]string{"ContinuationToken": token, "EncodingType": cl.Text("EncodingType")} {
		if text != "" {
			out[name] = text
		}
	}
	if more {
		out["NextContinuationToken"] = "after:" + last
	}
	return out, nil
}
