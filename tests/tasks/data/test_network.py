"""Check whether the network is reachable."""

import socket
import threading

import pytest

from tasks.data import network


@pytest.fixture
def proxies(monkeypatch):
    proxies = {}
    monkeypatch.setattr(network.urllib.request, "getproxies", lambda: proxies)
    return proxies


@pytest.fixture
def connect_with(monkeypatch):
    return lambda connect: monkeypatch.setattr(socket, "create_connection", connect)


def test_check_does_not_wait_for_a_hanging_connection(proxies, connect_with):
    end_of_test, addresses, finished = threading.Event(), [], []

    def hang(address, timeout):
        addresses.append(address)
        end_of_test.wait(30)
        finished.append(address)
        raise OSError

    connect_with(hang)
    try:
        assert not network.online(0.05)
        assert addresses == [("storage.googleapis.com", 443)]
        assert finished == []
    finally:
        end_of_test.set()


def test_refused_connection_means_offline(proxies, connect_with):
    def refuse(address, timeout):
        raise OSError

    connect_with(refuse)
    assert not network.online(10)


def test_connection_to_server_or_proxy_means_online(proxies, connect_with):
    addresses = []
    connect_with(lambda address, timeout: addresses.append(address) or socket.socket())
    assert network.online(10)
    proxies["https"] = "http://proxy.example:3128"
    assert network.online(10)
    assert addresses == [("storage.googleapis.com", 443), ("proxy.example", 3128)]
