"""stub"""
def shared_functions(request, evaluator):
    return {}
