package zenlayercloud_test

import (
	"testing"

	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"
	vmold "github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/vm20230313"
	vmnew "github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/vm20260401"
	zecold "github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/zec20240401"
	zecnew "github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/zec20250901"
)

// api is what the four packages of the official SDK have in common. A write
// returns the ids that failed, which only zec answers; a describe the statuses
// by id.
type api struct {
	service, version string
	stop             func(force *bool, ids ...string) ([]string, error)
	start, reboot    func(ids ...string) ([]string, error)
	describe, status func(ids ...string) (map[string]string, error)
}

// clients returns a client of each service in each version.
func clients(t *testing.T, w *fixture) []api {
	t.Helper()
	return []api{vmNew(t, w), vmOld(t, w), zecNew(t, w), zecOld(t, w)}
}

func vmNew(t *testing.T, w *fixture) api {
	t.Helper()
	c, err := vmnew.NewClient(w.config(), demo.Lasting.AccessKeyID, demo.Lasting.Secret)
	if err != nil {
		t.Fatal(err)
	}
	return api{
		service: vmnew.SERVICE, version: vmnew.APIVersion,
		stop: func(force *bool, ids ...string) ([]string, error) {
			r := vmnew.NewStopInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds, r.ForceShutdown = ids, force
			_, err := c.StopInstances(r)
			return nil, err
		},
		start: func(ids ...string) ([]string, error) {
			r := vmnew.NewStartInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			_, err := c.StartInstances(r)
			return nil, err
		},
		reboot: func(ids ...string) ([]string, error) {
			r := vmnew.NewRebootInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			_, err := c.RebootInstances(r)
			return nil, err
		},
		describe: func(ids ...string) (map[string]string, error) {
			r := vmnew.NewDescribeInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			resp, err := c.DescribeInstances(r)
			if err != nil {
				return nil, err
			}
			out := map[string]string{}
			for _, i := range resp.Response.DataSet {
				out[common.ToString(i.InstanceId)] = common.ToString(i.InstanceStatus)
			}
			return out, nil
		},
		status: func(ids ...string) (map[string]string, error) {
			r := vmnew.NewDescribeInstancesStatusRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			resp, err := c.DescribeInstancesStatus(r)
			if err != nil {
				return nil, err
			}
			out := map[string]string{}
			for _, i := range resp.Response.DataSet {
				out[common.ToString(i.InstanceId)] = common.ToString(i.InstanceStatus)
			}
			return out, nil
		},
	}
}

func vmOld(t *testing.T, w *fixture) api {
	t.Helper()
	c, err := vmold.NewClient(w.config(), demo.Lasting.AccessKeyID, demo.Lasting.Secret)
	if err != nil {
		t.Fatal(err)
	}
	return api{
		service: vmold.SERVICE, version: vmold.APIVersion,
		stop: func(force *bool, ids ...string) ([]string, error) {
			r := vmold.NewStopInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds, r.ForceShutdown = ids, force
			_, err := c.StopInstances(r)
			return nil, err
		},
		start: func(ids ...string) ([]string, error) {
			r := vmold.NewStartInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			_, err := c.StartInstances(r)
			return nil, err
		},
		reboot: func(ids ...string) ([]string, error) {
			r := vmold.NewRebootInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			_, err := c.RebootInstances(r)
			return nil, err
		},
		describe: func(ids ...string) (map[string]string, error) {
			r := vmold.NewDescribeInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			resp, err := c.DescribeInstances(r)
			if err != nil {
				return nil, err
			}
			out := map[string]string{}
			for _, i := range resp.Response.DataSet {
				out[i.InstanceId] = i.InstanceStatus
			}
			return out, nil
		},
		status: func(ids ...string) (map[string]string, error) {
			r := vmold.NewDescribeInstancesStatusRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			resp, err := c.DescribeInstancesStatus(r)
			if err != nil {
				return nil, err
			}
			out := map[string]string{}
			for _, i := range resp.Response.DataSet {
				out[i.InstanceId] = i.InstanceStatus
			}
			return out, nil
		},
	}
}

func zecNew(t *testing.T, w *fixture) api {
	t.Helper()
	c, err := zecnew.NewClient(w.config(), demo.Lasting.AccessKeyID, demo.Lasting.Secret)
	if err != nil {
		t.Fatal(err)
	}
	return api{
		service: zecnew.SERVICE, version: zecnew.APIVersion,
		stop: func(force *bool, ids ...string) ([]string, error) {
			r := zecnew.NewStopInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds, r.ForceShutdown = ids, force
			resp, err := c.StopInstances(r)
			if err != nil {
				return nil, err
			}
			return resp.Response.InstanceIds, nil
		},
		start: func(ids ...string) ([]string, error) {
			r := zecnew.NewStartInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			resp, err := c.StartInstances(r)
			if err != nil {
				return nil, err
			}
			return resp.Response.InstanceIds, nil
		},
		reboot: func(ids ...string) ([]string, error) {
			r := zecnew.NewRebootInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			resp, err := c.RebootInstances(r)
			if err != nil {
				return nil, err
			}
			return resp.Response.InstanceIds, nil
		},
		describe: func(ids ...string) (map[string]string, error) {
			r := zecnew.NewDescribeInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			resp, err := c.DescribeInstances(r)
			if err != nil {
				return nil, err
			}
			out := map[string]string{}
			for _, i := range resp.Response.DataSet {
				out[common.ToString(i.InstanceId)] = common.ToString(i.Status)
			}
			return out, nil
		},
		status: func(ids ...string) (map[string]string, error) {
			r := zecnew.NewDescribeInstancesStatusRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			resp, err := c.DescribeInstancesStatus(r)
			if err != nil {
				return nil, err
			}
			out := map[string]string{}
			for _, i := range resp.Response.DataSet {
				out[common.ToString(i.InstanceId)] = common.ToString(i.InstanceStatus)
			}
			return out, nil
		},
	}
}

func zecOld(t *testing.T, w *fixture) api {
	t.Helper()
	c, err := zecold.NewClient(w.config(), demo.Lasting.AccessKeyID, demo.Lasting.Secret)
	if err != nil {
		t.Fatal(err)
	}
	return api{
		service: zecold.SERVICE, version: zecold.APIVersion,
		stop: func(force *bool, ids ...string) ([]string, error) {
			r := zecold.NewStopInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds, r.ForceShutdown = ids, common.ToBool(force)
			resp, err := c.StopInstances(r)
			if err != nil {
				return nil, err
			}
			return resp.Response.InstanceIds, nil
		},
		start: func(ids ...string) ([]string, error) {
			r := zecold.NewStartInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			resp, err := c.StartInstances(r)
			if err != nil {
				return nil, err
			}
			return resp.Response.InstanceIds, nil
		},
		reboot: func(ids ...string) ([]string, error) {
			r := zecold.NewRebootInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			resp, err := c.RebootInstances(r)
			if err != nil {
				return nil, err
			}
			return resp.Response.InstanceIds, nil
		},
		describe: func(ids ...string) (map[string]string, error) {
			r := zecold.NewDescribeInstancesRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			resp, err := c.DescribeInstances(r)
			if err != nil {
				return nil, err
			}
			out := map[string]string{}
			for _, i := range resp.Response.DataSet {
				out[i.InstanceId] = i.Status
			}
			return out, nil
		},
		status: func(ids ...string) (map[string]string, error) {
			r := zecold.NewDescribeInstancesStatusRequest()
			r.SetContext(t.Context())
			r.InstanceIds = ids
			resp, err := c.DescribeInstancesStatus(r)
			if err != nil {
				return nil, err
			}
			out := map[string]string{}
			for _, i := range resp.Response.DataSet {
				out[i.InstanceId] = i.InstanceStatus
			}
			return out, nil
		},
	}
}
